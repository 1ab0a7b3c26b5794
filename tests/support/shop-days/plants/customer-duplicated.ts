import { customerCreated, handle } from '../../customer-facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const customerDuplicated: Plant = {
	kind: 'customer-duplicated',
	plant(day) {
		const contact = `+44 ${day.number()}`;
		for (const till of twoTills(day)) day.does(till, [customerCreated(`planted ${day.number()}`, contact)], { scope: 'store' });
		return handle(contact);
	},
};
