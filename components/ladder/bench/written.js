// What a model wrote while it learned, always with the same dice: babble becomes names.
{
  const { element, number } = orrery;

  orrery.benchWritten = (run) => {
    const list = element("dl", "", ...(run.samples ?? []).flatMap(([step, texts]) => [
      element("dt", "", `step ${number.format(step)}`),
      element("dd", "", ...texts.flatMap((text) => [text ? element("span", "", text) : element("i", "", "nothing"), " "])),
    ]));
    return element("section", "written", element("h3", "", `What it writes, always with the same dice: ${run.label}`), list);
  };
}
