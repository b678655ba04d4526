// What is wrong with the page as it stands, in words. `own` is the text that is data, not wording.
({ own, language, isPhone }) => {
  const faults = [];
  const name = (element) => {
    const said = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const marks = typeof element.id === "string" && element.id ? `#${element.id}` : element.classList.length ? `.${[...element.classList].join(".")}` : "";
    return `<${element.localName}${marks}> "${said}"`;
  };
  const isShown = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && !element.closest(".sr, .spoken, .skip, .shapes");
  };
  const shown = [...document.body.querySelectorAll("*")].filter(isShown);
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());

  const width = innerWidth;
  if (document.documentElement.scrollWidth > width) {
    const wide = shown.filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest("svg")).at(-1);
    faults.push(`scrolls sideways (${document.documentElement.scrollWidth} > ${width})${wide ? `: ${name(wide)}` : ""}`);
  }

  for (const element of shown) {
    const { overflowX, overflowY, textOverflow, display } = getComputedStyle(element);
    if (display === "inline" || element.closest("svg, textarea, select")) continue;
    if (!element.matches("button, a, summary, kbd, td, th, h1, h2, h3, p, label, dt, dd") && !hasText(element)) continue;
    if (element.scrollWidth > element.clientWidth + 1 && textOverflow !== "ellipsis" && !["auto", "scroll"].includes(overflowX)) {
      faults.push(`cut off or spilling sideways: ${name(element)} (${element.scrollWidth} > ${element.clientWidth})`);
    }
    if (["hidden", "clip"].includes(overflowY) && element.scrollHeight > element.clientHeight + 3) {
      faults.push(`cut off below: ${name(element)} (${element.scrollHeight} > ${element.clientHeight})`);
    }
  }

  const clips = (element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowY);
  for (const element of shown.filter((one) => hasText(one) && !one.closest("svg, select, textarea"))) {
    let around = element;
    while (around && around !== document.body && !clips(around)) around = around.parentElement;
    if (!around || around === document.body || around.matches(".sr")) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const [inner, outer] = [range.getBoundingClientRect(), around.getBoundingClientRect()];
    const slack = 0.2 * parseFloat(getComputedStyle(element).fontSize) + 2;
    if (inner.top < outer.top - slack || inner.bottom > outer.bottom + slack) faults.push(`cut off by ${name(around)}: ${name(element)}`);
  }

  for (const element of shown.filter((one) => one.matches("button, .button, summary, select, textarea, input, a[href]"))) {
    if (getComputedStyle(element).pointerEvents === "none") continue;
    const isText = element.matches("a:not(.button, .call)") && getComputedStyle(element).display === "inline";
    const isTicked = element.matches("[type=checkbox], [type=radio]");
    const target = (isTicked && element.closest("label")) || element;
    const box = target.getBoundingClientRect();
    const acts = isTicked || element.matches("button, .button, summary, nav a, .call");
    const least = isPhone && acts ? 43.5 : 24;
    if (!isText && Math.min(box.width, box.height) < least) {
      faults.push(`too small to touch: ${name(element)} (${Math.round(box.width)} × ${Math.round(box.height)})`);
    }
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = x >= 0 && y >= 0 && x <= width && y <= innerHeight ? document.elementFromPoint(x, y) : null;
    if (top && !target.contains(top) && !top.contains(target) && !top.closest(".strip, .sheet-do, .plan-end, .toasts, .popup")) {
      faults.push(`covered: ${name(element)} by ${name(top)}`);
    }
  }

  if (language === "both") return faults;
  const { lang } = document.documentElement;
  if (lang !== (language === "zh" ? "zh-CN" : "en")) faults.push(`lang is ${lang}`);
  if (document.title.length < 4 || !/Anxin|安心/.test(document.title)) faults.push(`the title is "${document.title}"`);
  const other = language === "zh" ? /[A-Za-z][A-Za-z'’-]{2,}(?: [A-Za-z'’-]{2,})*/g : /\p{Script=Han}+/gu;
  const isForeign = (found) => !own.toLowerCase().includes(found.toLowerCase());
  for (const found of document.title.match(other) ?? []) if (isForeign(found)) faults.push(`in the other language in the title: "${found}"`);
  for (const element of shown) {
    if (element.closest("code, kbd, svg, .secret, [lang]:not(html)")) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== 3) continue;
      for (const found of node.data.match(other) ?? []) if (isForeign(found)) faults.push(`in the other language: "${found}" in ${name(element)}`);
    }
  }
  return faults;
}
