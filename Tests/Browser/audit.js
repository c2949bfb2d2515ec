// Looks over the page that is shown and returns what is wrong with it, a line each. Given: the language it should have,
// and whether its texts may name keys of the catalogue (the API's reference does).
({ language, reference }) => {
  const wrong = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const text = (element.textContent || element.getAttribute("name") || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}${id}> "${text}"`;
  };

  // The document.
  if (document.documentElement.lang !== language) wrong.push(`lang is ${document.documentElement.lang}`);
  if (!document.title.trim()) wrong.push("no title");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one <main>");
  const ids = Array.from(document.querySelectorAll("[id]"), (element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) wrong.push(`id ${id} twice`);
  for (const attribute of ["aria-describedby", "aria-labelledby", "for"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!document.getElementById(id)) wrong.push(`${name(element)}: ${attribute} names ${id}, which is not there`);
      }
    }
  }

  // Headings: one of the first level, none left out.
  const headings = Array.from(document.querySelectorAll("h1, h2, h3, h4, h5, h6")).filter(shown);
  if (headings.filter((heading) => heading.localName === "h1").length !== 1) wrong.push("not one <h1>");
  headings.reduce((above, heading) => {
    const level = Number(heading.localName[1]);
    if (level > above + 1) wrong.push(`${name(heading)} follows a heading of level ${above}`);
    return level;
  }, 0);

  // Names of what can be operated.
  const labelled = (element) =>
    element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.title;
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const labels = Array.from(field.labels || []).map((label) => label.textContent.trim()).join("");
    if (shown(field) && !labelled(field) && !labels) wrong.push(`${name(field)} has no label`);
  }
  for (const element of document.querySelectorAll("a[href], button, summary")) {
    const pictures = Array.from(element.querySelectorAll("img[alt]"), (image) => image.alt).join("");
    if (shown(element) && !labelled(element) && !element.textContent.trim() && !pictures)
      wrong.push(`${name(element)} has no name`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) wrong.push(`${image.src} has no alt`);
  for (const chart of document.querySelectorAll("svg[role=img]")) {
    if (!chart.querySelector(":scope > title")) wrong.push("a chart has no title");
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.querySelector("th")) wrong.push(`${name(table)} has no header`);
  }

  // Colours, as they are computed: 4.5 to 1 for text, 3 to 1 where it is large (WCAG AA).
  const numbers = (text) => (text.match(/-?[\d.]+(e-?\d+)?%?/g) || []).map(Number.parseFloat);
  const colour = (text) => {
    const [red, green, blue, alpha = 1] = numbers(text.replace(/^color\(srgb/, ""));
    const scale = text.startsWith("color(") ? 255 : 1;
    return [red * scale, green * scale, blue * scale, alpha];
  };
  const over = (top, under) => {
    const alpha = top[3] + under[3] * (1 - top[3]);
    const mixed = [0, 1, 2].map((n) => (top[n] * top[3] + under[n] * under[3] * (1 - top[3])) / (alpha || 1));
    return [...mixed, alpha];
  };
  const ground = (element) => {
    let found = [0, 0, 0, 0];
    for (let node = element; node && found[3] < 0.999; node = node.parentElement)
      found = over(found, colour(getComputedStyle(node).backgroundColor));
    return over(found, [255, 255, 255, 1]);
  };
  const light = (rgb) => {
    const [red, green, blue] = rgb.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seen.has(element) || element.closest("svg, .hide, .visually-hidden, .skip, :disabled"))
      continue;
    seen.add(element);
    if (!shown(element)) continue;
    const style = getComputedStyle(element);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const under = ground(element);
    const ratio = contrast(over(colour(style.color), under), under);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`${name(element)}: contrast ${ratio.toFixed(2)}`);
  }
  for (const label of document.querySelectorAll("svg text")) {
    const ratio = contrast(colour(getComputedStyle(label).fill), ground(label.closest("svg").parentElement));
    if (ratio < 4.5) wrong.push(`a chart's label: contrast ${ratio.toFixed(2)}`);
  }

  // Room: nothing wider than the screen but what scrolls by itself; what is pressed is large enough to be hit.
  const wide = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {
    const culprit = Array.from(document.body.querySelectorAll("*")).filter((element) =>
      shown(element) && !element.closest(".scroll, .chart, pre, .tabs")
      && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1).pop();
    wrong.push(`${wide} px wider than the screen${culprit ? ": " + name(culprit) : ""}`);
  }
  // Nor is anything pushed out of sight within a list: on a desktop, or where rows lie down, a list is as wide as its
  // card, and what people typed is never wider than the screen.
  const desktop = innerWidth >= 1280;
  const phone = innerWidth <= 640;
  for (const list of document.querySelectorAll(".scroll, ul.rows")) {
    const whole = desktop || (phone && list.querySelector(":scope > :not(table), :scope > .stacked"));
    const cut = list.scrollWidth - list.clientWidth;
    if (shown(list) && whole && cut > 1) wrong.push(`${name(list)} is cut off by ${cut} px`);
  }
  for (const typed of document.querySelectorAll("bdi")) {
    const wide = typed.getBoundingClientRect().width;
    if (shown(typed) && wide > innerWidth) wrong.push(`${name(typed)} is ${Math.round(wide)} px wide`);
  }
  for (const button of document.querySelectorAll("button, .button, .menu a, summary, select, input:not([type=hidden])")) {
    const box = button.getBoundingClientRect();
    const tick = button.matches("[type=checkbox], [type=radio]") && button.labels.length;
    if (shown(button) && !tick && box.width && Math.round(Math.min(box.width, box.height)) < 24 && !button.matches(".prefs a"))
      wrong.push(`${name(button)} is ${Math.round(box.width)} by ${Math.round(box.height)} px`);
  }

  // Texts: nothing left unfilled.
  const text = document.body.innerText;
  for (const left of text.match(/\[\[.*?\]\]|\{\{.*?\}\}|undefined|Optional\(/g) || []) wrong.push(`text: ${left}`);
  if (!reference) {
    const keys = /(?<![@\w.\/-])(web|problem|tracker|accounting|identity|operations|payouts|mailer|analytics|backups?)\.[a-z][a-z-]*(\.[a-z-]+)*/g;
    for (const key of text.match(keys) || []) wrong.push(`text: ${key}`);
  }
  return wrong;
};
