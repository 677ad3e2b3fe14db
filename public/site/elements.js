// Finds elements of the page, of the kind that a script needs.

/**
 * @template {Element} Kind
 * @param {Element | null} element
 * @param {(new () => Kind) | undefined} kind
 * @returns {Kind | undefined}
 */
const as = (element, kind) =>
  element instanceof (kind ?? HTMLElement) ? /** @type {Kind} */ (element) : undefined;

/**
 * @template Found
 * @param {Found | undefined} found
 * @param {string} selector
 */
function required(found, selector) {
  if (found === undefined) throw new Error(`The page has no ${selector}`);
  return found;
}

/**
 * The element with this id, if there is one of this kind.
 * @template {Element} [Kind=HTMLElement]
 * @param {string | undefined} id
 * @param {new () => Kind} [kind]
 * @param {Document} [page]
 */
export const findById = (id, kind, page = document) => as(page.getElementById(id ?? ''), kind);

/**
 * The element with this id, which has to be there.
 * @template {Element} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind]
 * @param {Document} [page]
 */
export const byId = (id, kind, page) => required(findById(id, kind, page), `#${id}`);

/**
 * The first element that matches, if it is of this kind.
 * @template {Element} [Kind=HTMLElement]
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @param {ParentNode} [within]
 */
export const find = (selector, kind, within = document) => as(within.querySelector(selector), kind);

/**
 * The first element that matches, which has to be there.
 * @template {Element} [Kind=HTMLElement]
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @param {ParentNode} [within]
 */
export const get = (selector, kind, within) => required(find(selector, kind, within), selector);

/**
 * All elements of this kind that match.
 * @template {Element} [Kind=HTMLElement]
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @param {ParentNode} [within]
 */
export const findAll = (selector, kind, within = document) =>
  [...within.querySelectorAll(selector)].flatMap((element) => as(element, kind) ?? []);

/**
 * The element that matches and that an event's target is, or lies in.
 * @template {Element} [Kind=HTMLElement]
 * @param {EventTarget | null | undefined} target
 * @param {string} selector
 * @param {new () => Kind} [kind]
 */
export const closest = (target, selector, kind) =>
  target instanceof Element ? as(target.closest(selector), kind) : undefined;

/**
 * @param {EventTarget | null | undefined} target
 * @param {string} selector
 */
export const matches = (target, selector) => target instanceof Element && target.matches(selector);

/**
 * The texts of a form's fields, by their names; `submitter` is the button that sends it.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} [submitter]
 */
export function textsOf(form, submitter) {
  /** @type {[string, string][]} */
  const texts = [];
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value === 'string') texts.push([name, value]);
  }
  return texts;
}

/**
 * A form's field, which has to be there.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function field(form, name) {
  const found = form.elements.namedItem(name);
  return required(found instanceof HTMLInputElement ? found : undefined, `[name="${name}"]`);
}
