/** What screens may ask of the fold, by name: answered in the worker, in rows that are ready to show. A new question is a line here and nothing elsewhere. */
import {
	branchRows,
	changedPriceSkus,
	costsOf,
	orderRows,
	plannedPriceRows,
	reorderRows,
	supplierRows,
	supplyRows,
	transferRows,
	type GoodsContext,
} from './goods.ts';
import { settledRows } from './settled.ts';
import { report } from './reports.ts';
import { returnFigures } from '#core/decide/refund.ts';
import { returnedRows } from './returned-goods.ts';
import { stockTake, stockTakeRows } from './stock-takes.ts';

const QUESTIONS = {
	stockTakes: stockTakeRows,
	stockTake,
	suppliers: supplierRows,
	supplies: supplyRows,
	orders: orderRows,
	transfers: transferRows,
	branches: branchRows,
	reorder: reorderRows,
	plannedPrices: plannedPriceRows,
	changedPrices: changedPriceSkus,
	costs: costsOf,
	report,
	returnedGoods: returnedRows,
	settled: settledRows,
	returnFigures: ({ ledger }: GoodsContext, asked: Parameters<typeof returnFigures>[1]) => returnFigures(ledger, asked),
} as const;

type Questions = typeof QUESTIONS;
export type Question = keyof Questions;
export type QuestionArgs<Name extends Question> = Questions[Name] extends (context: GoodsContext, ...args: infer Args) => unknown ? Args : never;
export type AnswerTo<Name extends Question> = ReturnType<Questions[Name]>;

export type Ask = <Name extends Question>(name: Name, ...args: QuestionArgs<Name>) => Promise<AnswerTo<Name>>;

export function answerTo<Name extends Question>(context: GoodsContext, name: Name, args: QuestionArgs<Name>): AnswerTo<Name> {
	return (QUESTIONS[name] as unknown as (context: GoodsContext, ...args: QuestionArgs<Name>) => AnswerTo<Name>)(context, ...args);
}
