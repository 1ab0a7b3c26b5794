/**
 * What is on disks and wires does not change by accident. Each schema is described as data and hashed; a red line below names what changed and what
 * to bump. Bump first, then put the new hash here: in one commit, which says why.
 */
import { createHash } from 'node:crypto';
import { cart } from '#schemas/cart.ts';
import { certificate } from '#schemas/certificate.ts';
import { ENTRY_VERSION, header } from '#schemas/entry.ts';
import { FACTS } from '#schemas/facts/registry.ts';
import { RIGHTS } from '#schemas/rights.ts';
import { succession } from '#schemas/succession.ts';
import { checkpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import { claimRequest, enrolled, hubInfo, joinRequest } from '#schemas/wire/enrolment.ts';
import { directMessage } from '#schemas/wire/direct.ts';
import { waitingAnswer, waitingAsk } from '#schemas/wire/renewal-approval.ts';
import { codeAnswer, codeAsk, shownCode } from '#schemas/wire/join-code.ts';
import { keyAnswer, keyAsk, keyRows } from '#schemas/wire/keys.ts';
import { hello, PROTOCOL_VERSION } from '#schemas/wire/hello.ts';
import { laneMessage } from '#schemas/wire/lane.ts';
import { linkMessage } from '#schemas/wire/link.ts';
import { admission, challenge, relayInfo, whereAnswer } from '#schemas/wire/relay-admission.ts';
import { stockHead } from '#schemas/wire/stock-head.ts';
import { watermark } from '#schemas/wire/watermark.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { describeSchema } from './support/describe-schema.ts';

const FACT_ADVICE =
	'A fact has a new shape: raise its `version`, keep reading the old one (schemas/migrations), add a golden ledger. What is sealed stays sealed.';
const HEADER_ADVICE =
	'The header has a new shape: raise ENTRY_VERSION, and read both. Every hash and signature of every shop depends on the old one.';
const CERTIFICATE_ADVICE = 'Certificates have a new shape: raise their `v`, and read both: devices keep theirs for ever.';
const WIRE_ADVICE = 'A message has a new shape: raise PROTOCOL_VERSION when an older peer could misunderstand it (schemas/wire/hello.ts).';
const CART_ADVICE = 'Open carts lie in vaults under the old shape: a till that upgrades must still read its cart.';
const RIGHTS_ADVICE = 'Rights are named in certificates and facts of every shop: add at the end, never rename.';

const KNOWN: Readonly<Record<string, string>> = {
	'fact approval.given 1': 'cdd0955f7e91d6cf',
	'fact pin.refused 1': '3ab6b6c14686de02',
	'fact branchPrice.changed 1': '1c87a1dc63b52124',
	cart: 'dbe302e076af6b27',
	succession: '3b208130a9d41814',
	certificate: '80d8f71c79b6b407',
	'fact cash.moved 1': '51e668bc3f88d490',
	'fact conflict.resolved 1': 'd69d4b766d8cb5f3',
	'fact correction.made 1': '9e87b450a315eb69',
	'fact count.closed 1': '66ded0bdcb77a9f8',
	'fact count.opened 1': 'ea260c7ecefae3c3',
	'fact count.opened 2': '53ca19ab6e63c62f',
	'fact credit.given 1': '5dde25cc282dac48',
	'fact credit.used 1': '7e8f23605dad79d6',
	'fact customer.created 1': '80307c404df129ae',
	'fact customer.edited 1': 'a99c08eff38b01f6',
	'fact customer.forgotten 1': '8cc4959b1147e52e',
	'fact customer.merged 1': '0f8343632b6780e7',
	'fact day.reported 1': 'edeaa3463f771ce0',
	'fact debt.noted 1': '8a980e72dbd2b750',
	'fact device.enrolled 1': 'b8e5cb699f8a6337',
	'fact device.renamed 1': '6a6ccb84b19b4103',
	'fact device.renewed 1': '3886ff8a6cf83dd7',
	'fact device.revoked 1': '582a8bb15f77b6ff',
	'fact drawer.opened 1': 'e7878e75de503b1d',
	'fact entries.declaredLost 1': '579cc3e58a442541',
	'fact exchange.completed 1': '34c5abe9faf3c1f8',
	'fact exchange.completed 2': 'ac9c9bce408e6d64',
	'fact levels.set 1': '2dd2f1ad73de37e2',
	'fact order.changed 1': '083344e0250e252a',
	'fact order.closed 1': '6183576bfacc70d9',
	'fact order.placed 1': 'e98fbf73fbcc234c',
	'fact person.added 1': 'e3f64e7d5da25349',
	'fact person.changed 1': '44170fa5e53e7fba',
	'fact person.disabled 1': 'ce9f96af832fcc2a',
	'fact person.pinReset 1': '9704264f271c6dbc',
	'fact price.changed 1': '7ea9eea3bb936b1e',
	'fact price.changed 2': '162e0e52eff325eb',
	'fact product.created 1': 'f8d5e553c72f2314',
	'fact product.created 2': 'd72a574b10ba697e',
	'fact product.edited 1': '0e9e0ceef6c8bc97',
	'fact product.edited 2': '59620050b0d11ab5',
	'fact product.merged 1': '5dead59244e12578',
	'fact product.restored 1': '1b1b9f5614ff2bff',
	'fact product.retired 1': '8fa427485a35b8d8',
	'fact refund.claimed 1': '9648a4a160c357ad',
	'fact refund.completed 1': 'd7a0224fef4ad207',
	'fact refund.completed 2': '630a9e58e29ac308',
	'fact refund.completed 3': '750fe8df68bdb9d7',
	'fact refund.owed 1': 'f4aebac6c8b1fb26',
	'fact relay.joined 1': 'df81dd60cb3c605b',
	'fact relay.renewed 1': '525a93b43aa947af',
	'fact relay.left 1': '01264e4ef940cf7b',
	'fact sale.completed 1': 'efcd0bd18dd231cb',
	'fact sale.completed 2': '0ed489731b4959b4',
	'fact sale.completed 3': '606c110fbd15ca10',
	'fact sale.completed 4': 'ec2951bfe0f5c003',
	'fact setting.changed 1': 'e4a821ab1432bc49',
	'fact setting.changed 2': '3b700a4c28e94024',
	'fact setting.changed 3': 'ca660806912dae82',
	'fact shift.closed 1': '190b2240527a6e76',
	'fact shift.opened 1': 'd3d0fbf604ff509c',
	'fact stock.adjusted 1': '3adaa24c2131883a',
	'fact stock.counted 1': '8e84f6fa3a9cc852',
	'fact stock.counted 2': 'db85b8a5bac5592d',
	'fact stock.received 1': '216eeb7933873d98',
	'fact stock.received 2': '24688d3f455dd032',
	'fact stock.received 3': '5cca73ba8a706c8b',
	'fact supplier.changed 1': '082a32df5b474e04',
	'fact supply.changed 1': 'd9806b376e38bbbf',
	'fact transfer.received 1': '40a1b5740dbd54ba',
	'fact transfer.sent 1': 'd12f154d12847398',
	'fact z.closed 1': '3b244f5e18783956',
	'header 1': '2b1f13a1f2ecd1ce',
	rights: 'aa13f31f3ac42a7a',
	'wire 1 admission': '0dab85f9f1d620a6',
	'wire 1 challenge': '2cbe3052683a3fb3',
	'wire 1 claimRequest': '1107d9ea773c0470',
	'wire 1 enrolled': '4df8c92d47bb8711',
	'wire 1 checkpointOffer': '5c3dfba7177d3a02',
	'wire 1 hello': '38cd0ec59ff797c3',
	'wire 1 hubInfo': '0941f57b2efe0c6e',
	'wire 1 joinRequest': 'ec1e67c4529a475a',
	'wire 1 keyAnswer': '25b0254932b7c59e',
	'wire 1 keyAsk': '893c264a72ac958a',
	'wire 1 keyRows': '50cbafdd5fafe9a7',
	'wire 1 laneMessage': '412781aa3b4e1117',
	'wire 1 linkMessage': 'e29e14aaa5611df4',
	'wire 1 relayInfo': '307fc10b700cc9df',
	'wire 1 stockHead': '1d8af2f3fe77e551',
	'wire 1 whereAnswer': 'c053d66e4f211d1f',
	'wire 1 watermark': '3e311d22b58f0d84',
	'wire 1 codeAsk': 'a0131dfeb6eb4cac',
	'wire 1 codeAnswer': 'bbb0b17f4adbca22',
	'wire 1 shownCode': '87a83bbf4e4cf2c6',
	'wire 1 waitingAsk': '212bae82d4504750',
	'wire 1 waitingAnswer': '7b2fbdb58b54bbbe',
	'wire 1 directMessage': 'bb82ecb0731b8e19',
};

const now: Readonly<Record<string, readonly [hash: string, advice: string]>> = {
	...Object.fromEntries(
		FACTS.flatMap((fact) =>
			fact.byVersion.map(
				(schema, index) =>
					[`fact ${fact.type} ${index + 1}`, [hashOf([fact.scope, fact.right, describeSchema(schema)]), FACT_ADVICE] as const] as const,
			),
		),
	),
	succession: [hashOf(describeSchema(succession)), CERTIFICATE_ADVICE],
	[`header ${ENTRY_VERSION}`]: [hashOf(describeSchema(header)), HEADER_ADVICE],
	certificate: [hashOf(describeSchema(certificate)), CERTIFICATE_ADVICE],
	rights: [hashOf(RIGHTS), RIGHTS_ADVICE],
	cart: [hashOf(describeSchema(cart)), CART_ADVICE],
	...Object.fromEntries(
		Object.entries({
			hello,
			laneMessage,
			directMessage,
			codeAsk,
			codeAnswer,
			shownCode,
			waitingAsk,
			waitingAnswer,
			keyAsk,
			keyAnswer,
			keyRows,
			watermark,
			stockHead,
			checkpointOffer,
			linkMessage,
			claimRequest,
			joinRequest,
			enrolled,
			hubInfo,
			challenge,
			admission,
			relayInfo,
			whereAnswer,
		}).map(([name, schema]) => [`wire ${PROTOCOL_VERSION} ${name}`, [hashOf(describeSchema(schema)), WIRE_ADVICE] as const]),
	),
};

test.each(Object.entries(now))('%s is what it was', (name, [hash, advice]) => {
	expect(hash, `${advice}\nThen write '${name}': '${hash}' in tests/schema-hash.test.ts.`).toBe(KNOWN[name]);
});

test('nothing has gone: what was once written is still read', () => {
	expect(Object.keys(KNOWN).filter((name) => !(name in now))).toEqual([]);
});

test('the description sees what a schema accepts', () => {
	const describe = (schema: unknown): string => hashOf(describeSchema(schema));
	const base = v.strictObject({ a: v.pipe(v.number(), v.minValue(1)), b: v.optional(v.picklist(['x', 'y'])) });
	const others = [
		v.strictObject({ a: v.pipe(v.number(), v.minValue(2)), b: v.optional(v.picklist(['x', 'y'])) }),
		v.strictObject({ a: v.pipe(v.number(), v.minValue(1)), b: v.picklist(['x', 'y']) }),
		v.strictObject({ a: v.pipe(v.number(), v.minValue(1)), b: v.optional(v.picklist(['x', 'z'])) }),
		v.object({ a: v.pipe(v.number(), v.minValue(1)), b: v.optional(v.picklist(['x', 'y'])) }),
		v.strictObject({ a: v.pipe(v.number(), v.maxValue(1)), b: v.optional(v.picklist(['x', 'y'])) }),
		v.strictObject({ a: v.pipe(v.number(), v.minValue(1)) }),
	];
	expect(new Set([base, ...others].map(describe)).size).toBe(7);
	expect(describe(v.strictObject({ b: v.optional(v.picklist(['x', 'y'])), a: v.pipe(v.number(), v.minValue(1)) }))).toBe(describe(base));
	expect(describe(v.pipe(v.string(), v.regex(/^a$/)))).not.toBe(describe(v.pipe(v.string(), v.regex(/^b$/))));
	expect(describe(v.variant('t', [v.strictObject({ t: v.literal('a') })]))).not.toBe(
		describe(v.variant('t', [v.strictObject({ t: v.literal('b') })])),
	);
});

function hashOf(value: unknown): string {
	return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
