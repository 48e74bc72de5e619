/** As a form's `ref`: whoever opened it goes on typing in its first field. */
export function focusFirstField(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>("input, textarea, select")?.focus();
}
