/** As a form's `ref`: puts the focus into the first field. */
export function focusFirstField(form: HTMLElement | null): void {
  form?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
}
