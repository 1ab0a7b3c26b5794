/**
 * `/trust`: how a till comes to trust the shop's certificate authority. Plain HTML that can be read without a script, over http too, for whoever needs it has no
 * https yet.
 *
 * 1. Nothing of the shop is on it: no name, no number of anything.
 * 2. Over http somebody on the LAN could put another certificate in its place. The page says so, and to compare the fingerprint with the hub's terminal.
 * 3. The script only adds: it opens the part of this system, and says whether the secure address works, as often as it takes.
 */
import { renderSVG } from 'uqr';
import { SYSTEM_IDS, TRUST_LANGUAGES, type TrustWords } from './trust-words/trust-words.ts';

export interface TrustPage {
	/** `https://192.168.1.10:4443` */
	readonly secureUrl: string;
	/** The same by the machine's name, which stays when its address changes; undefined where it has none that others reach. */
	readonly nameUrl: string | undefined;
	/** This page, as another device opens it. */
	readonly url: string;
	readonly fingerprint: string;
	/** As lists of certificates show it. */
	readonly authorityName: string;
	/** Whether the page itself was asked for by https. */
	readonly isSecure: boolean;
	readonly words: TrustWords;
}

export function trustPage({ secureUrl, nameUrl, url, fingerprint, authorityName, isSecure, words }: TrustPage): string {
	const name = escaped(authorityName);
	const named = (html: string): string => html.replaceAll('NAME', name);
	const link = (to: string): string => `<a href="${escaped(to)}/"><bdi>${escaped(to)}</bdi></a>`;
	return page(
		words,
		`
<p class="languages">${TRUST_LANGUAGES.map(({ language, name: own }) => `<a href="/trust?language=${language}" lang="${language}"${language === words.language ? ' aria-current="true"' : ''}>${own}</a>`).join(' ')}</p>
<h1>${words.title}</h1>
<p>${words.why}</p>
<div id="check" class="check" data-url="${escaped(secureUrl)}" data-works="${escaped(words.works)}" data-not-yet="${escaped(words.notYet)}" role="status">
<p id="said">${isSecure ? words.cameSecurely : words.whenDone}</p>
<p><a id="go" class="go" href="${escaped(secureUrl)}/">${words.openAt(escaped(secureUrl))}</a></p>
</div>
<h2>${words.getTitle}</h2>
<p><a class="get" href="/ca.crt">${words.download}</a></p>
<p>${words.pem((text) => `<a href="/ca.pem">${text}</a>`)}</p>
<p>${words.fingerprint}</p>
<p class="mono print" dir="ltr">${escaped(fingerprint).replaceAll(':', ':<wbr>')}</p>
<p>${isSecure ? words.compare : words.compareHere}</p>
<h2>${words.tellTitle}</h2>
<p>${named(words.named)}</p>
${SYSTEM_IDS.map((id) => {
	const { title, steps, note } = words.systems[id];
	return `<details data-system="${id}"><summary>${title}</summary><ol>${steps.map((step) => `<li>${named(step)}</li>`).join('')}</ol>${note === undefined ? '' : `<p>${note}</p>`}</details>`;
}).join('\n')}
<h2>${words.openTitle}</h2>
<p>${words.openAbout(link(secureUrl))}</p>
<h2>${words.movedTitle}</h2>
<p>${nameUrl === undefined ? '' : `${words.movedByName(link(nameUrl))} `}${words.movedStatic}</p>
<p>${words.movedTill}</p>
<h2>${words.otherTitle}</h2>
<div class="qr">${renderSVG(url, { border: 2 })}</div>
<p>${words.leadsHere(`<span class="mono" dir="ltr">${escaped(url)}</span>`)}</p>
<h2>${words.allowTitle}</h2>
<p>${named(words.allow)}</p>
<script src="/trust.js"></script>`,
	);
}

/** Where the hub was started without https. */
export function noTrustPage(words: TrustWords): string {
	return page(words, `\n<h1>${words.noneTitle}</h1>\n<p>${words.noneAbout}</p>`);
}

/** Served as a file of its own: the security policy runs no inline script but the app's. */
export const TRUST_SCRIPT = `'use strict';
const box = document.getElementById('check');
const said = document.getElementById('said');
const agent = navigator.userAgent;
const isTouchMac = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
const system = /iPhone|iPad|iPod/.test(agent) || isTouchMac ? 'ios' : /Android/.test(agent) ? 'android' : /Firefox/.test(agent) ? 'firefox'
	: /Windows/.test(agent) ? 'windows' : /CrOS/.test(agent) ? 'chromeos' : /Macintosh/.test(agent) ? 'mac' : 'linux';
document.querySelector('[data-system="' + system + '"]').open = true;

async function works() {
	try {
		const answer = await fetch(box.dataset.url + '/trust/works', { cache: 'no-store', signal: AbortSignal.timeout(4000) });
		return (await answer.json()).works === true;
	} catch {
		return false;
	}
}

async function look() {
	const isTrusted = await works();
	if (isTrusted) {
		box.dataset.state = 'works';
		said.textContent = box.dataset.works;
		return;
	}
	box.dataset.state = 'not-yet';
	said.textContent = box.dataset.notYet;
	setTimeout(look, 3000);
}
if (location.protocol === 'http:') look();
`;

function page({ language, direction, pageTitle }: TrustWords, body: string): string {
	return `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${pageTitle}</title>
<style>${STYLE}</style>
</head>
<body><main>${body}
</main></body>
</html>
`;
}

/** The colours of the app's base.css; the page must stand alone. */
const STYLE = `
:root { color-scheme: light dark; --ground: #f6f4ee; --panel: #fffefb; --line: #dcd7ca; --ink: #1d2622; --soft: #5c665f; --kelp: #12604f; --kelp-wash: #e1efe9; --on-kelp: #fffefb; --amber: #855508; --amber-wash: #fbeed3; }
@media (prefers-color-scheme: dark) { :root { --ground: #121815; --panel: #1a211d; --line: #2d3631; --ink: #eef1ea; --soft: #a7b1a9; --kelp: #5cc7a7; --kelp-wash: #18332b; --on-kelp: #0d1210; --amber: #e8b45a; --amber-wash: #33290f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 400 1rem/1.5 system-ui, sans-serif; text-size-adjust: 100%; }
main { max-width: 44rem; margin: 0 auto; padding: 24px 20px 64px; }
h1 { margin: 8px 0 12px; font-size: 1.625rem; line-height: 1.2; }
h2 { margin: 32px 0 8px; font-size: 1.1875rem; }
p { margin: 8px 0; }
a { color: var(--kelp); text-underline-offset: 0.2em; overflow-wrap: anywhere; }
.check { margin: 20px 0; padding: 12px 18px; border: 1px solid var(--line); border-radius: 14px; background: var(--panel); }
.check[data-state='works'] { border-color: var(--kelp); background: var(--kelp-wash); }
.check[data-state='not-yet'] { border-color: var(--amber); background: var(--amber-wash); }
.go, .get { display: inline-block; min-height: 44px; padding: 9px 18px; border: 1px solid var(--kelp); border-radius: 14px; font-weight: 600; text-decoration: none; }
.get, [data-state='works'] .go { background: var(--kelp); color: var(--on-kelp); }
.mono { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
.print { padding: 12px 18px; border: 1px solid var(--line); border-radius: 14px; background: var(--panel); }
details { margin: 8px 0; border: 1px solid var(--line); border-radius: 14px; background: var(--panel); }
summary { padding: 11px 18px; font-weight: 600; cursor: pointer; }
details ol { margin: 0; padding-block: 0 10px; padding-inline: 40px 18px; }
.languages { display: flex; flex-wrap: wrap; gap: 4px 16px; }
.languages a { display: inline-flex; align-items: center; min-height: 44px; }
.languages a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
details li { margin: 6px 0; }
details p { margin: 0; padding: 0 18px 14px; color: var(--soft); }
.qr { width: 200px; max-width: 100%; padding: 4px; border-radius: 14px; background: #fff; }
.qr svg { display: block; width: 100%; height: auto; }
`;

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
