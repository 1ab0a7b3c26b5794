/** The screens of a till, in the order of the rail. `id` is the stable name; what people read follows the language. */
import ChartColumn from '@lucide/svelte/icons/chart-column';
import Package from '@lucide/svelte/icons/package';
import Receipt from '@lucide/svelte/icons/receipt-text';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import ShoppingBasket from '@lucide/svelte/icons/shopping-basket';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';
import Tags from '@lucide/svelte/icons/tags';
import Wallet from '@lucide/svelte/icons/wallet';
import type { Component } from 'svelte';
import { m } from '#languages/compiled/messages.js';

export interface Screen {
	readonly id: string;
	readonly href: string;
	readonly name: () => string;
	readonly Icon: Component<{ size?: number; strokeWidth?: number }>;
	/** On a phone it is behind *More*: five things fit under a thumb. */
	readonly further?: true;
	/** Shown to whoever may; without people to nobody, for Settings leads there. */
	readonly act?: 'people';
}

export const SCREENS: readonly Screen[] = [
	{ id: 'sell', href: '/sell', name: m.screen_sell, Icon: ShoppingBasket },
	{ id: 'sales', href: '/sales', name: m.screen_sales, Icon: Receipt },
	{ id: 'shift', href: '/shift', name: m.screen_shift, Icon: Wallet, further: true },
	{ id: 'stock', href: '/stock', name: m.screen_stock, Icon: Package },
	{ id: 'products', href: '/products', name: m.screen_products, Icon: Tags, further: true },
	{ id: 'customers', href: '/customers', name: m.screen_customers, Icon: Users, further: true },
	{ id: 'reports', href: '/reports', name: m.screen_reports, Icon: ChartColumn, further: true },
	{ id: 'sync', href: '/sync', name: m.screen_sync, Icon: RefreshCw },
	{ id: 'people', href: '/people', name: m.screen_people, Icon: Users, further: true, act: 'people' },
	{ id: 'settings', href: '/settings', name: m.screen_settings, Icon: SlidersHorizontal, further: true },
];
