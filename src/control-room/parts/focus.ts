/** As a form's `ref`: whoever opened it goes on typing in its first field. */
export function focusFirstField(form: HTMLElement | null): void {
  form?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
}
