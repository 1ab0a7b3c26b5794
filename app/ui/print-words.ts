/** Why nothing came out of a printer, and what to do. What was recorded stays so in any case. */
import { m } from '#languages/compiled/messages.js';
import type { PrintFailure } from '#schemas/wire/print.ts';

export function printProblem(failure: PrintFailure): string {
	switch (failure) {
		case 'not-chosen':
			return m.print_not_chosen();
		case 'not-supported':
			return m.print_not_supported();
		case 'no-answer':
			return m.print_no_answer();
		case 'out-of-paper':
			return m.print_out_of_paper();
		case 'cover-open':
			return m.print_cover_open();
		case 'hub-away':
			return m.print_hub_away();
		case 'unknown-printer':
			return m.print_unknown_printer();
		case 'not-allowed':
			return m.print_not_allowed();
		case 'too-long':
			return m.print_too_long();
		case 'busy':
			return m.print_busy();
	}
}
