/** Whether a question is open, so that keys and codes are for it. One that was answered stays in the document for a frame or more; the next key is the screen's again. */
export function isAsked(): boolean {
	return document.querySelector('[role=dialog]:not([data-state=closed])') !== null;
}
