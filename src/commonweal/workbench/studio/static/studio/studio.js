// Which button sent the form: htmx does not know of buttons that stand outside of it.
document.addEventListener("htmx:configRequest", (event) => {
  const button = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
  if (button && button.name) event.detail.parameters[button.name] = button.value;
});
