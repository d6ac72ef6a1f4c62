// A lean page: where it is, in the colours of the system, and following what its address names.
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", paint);
  paint();

  const here = location.pathname.replace(/\/+$/, "");
  orrery.code = here.split("/").pop();
  const told = document.querySelector(".told");

  orrery.tell = (sentence) => {
    if (told.textContent !== sentence) told.textContent = sentence;
  };

  // Show the states of this page's topic; words for what is not a state are said here.
  orrery.followHere = (show) => orrery.follow(`${here}/news`, {
    state: show,
    over() { orrery.tell("This link has ended. What it showed last stays here."); },
    lost() { orrery.tell("The connection is lost. Trying again."); },
    refused: orrery.tell,
  });
}
