// Parts of a picture that a script draws itself.
{
  const SVG = "http://www.w3.org/2000/svg";

  // An element of an SVG with these attributes.
  orrery.shape = (tag, attributes, ...children) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  orrery.say = (attributes, text) => orrery.shape("text", attributes, text);

  orrery.series = ["#4d78d0", "#b43c00", "#870fff", "#d27887"]; // the first of all figures

  orrery.inked = (colour) => `color-mix(in srgb, ${colour} 55%, var(--orrery-ink))`; // for text
}
