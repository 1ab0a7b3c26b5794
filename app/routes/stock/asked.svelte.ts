/** The answer to a question, asked again whenever goods changed. Undefined until the first answer: a worker that is still starting is asked once it is there. */
import type { AnswerTo, Question, QuestionArgs } from '#projections/questions.ts';
import type { Views } from '#projections/views.ts';

export class Asked<Name extends Question> {
	value = $state.raw<AnswerTo<Name>>();

	constructor(views: Pick<Views, 'ask' | 'goodsVersion'>, name: Name, ...args: QuestionArgs<Name>) {
		$effect(() => {
			let isGone = false;
			const stop = views.goodsVersion.subscribe(() => {
				views.ask(name, ...args).then(
					(answer) => {
						if (!isGone) this.value = answer;
					},
					() => undefined,
				);
			});
			return () => {
				isGone = true;
				stop();
			};
		});
	}
}
