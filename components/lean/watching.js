// The page of who watches a training: the bench as the page that trains shows it.
{
  const bench = document.querySelector(".bench");
  const noted = document.querySelector(".noted");
  orrery.tell("Connected. The training will be shown here once it begins.");
  orrery.followHere(({ value, note, told }) => {
    orrery.tell(told);
    noted.textContent = note;
    bench.dataset.value = JSON.stringify(value);
    bench.dataset.widget = "bench";
  });
}
