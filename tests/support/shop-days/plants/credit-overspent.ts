import { creditGiven, creditUsed, customerCreated, customerId } from '../../customer-facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const creditOverspent: Plant = {
	kind: 'credit-overspent',
	plant(day) {
		const name = `planted ${day.number()}`;
		day.does(day.hub, [customerCreated(name), creditGiven(name, 500)], { scope: 'store' });
		for (const till of twoTills(day)) day.does(till, [creditUsed(name, 400)], { scope: 'store' });
		return customerId(name);
	},
};
