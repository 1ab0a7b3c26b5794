/**
 * `/trust`: how a till comes to trust the shop's certificate authority. Plain HTML that can be read without a script, over http too, for whoever needs it has no
 * https yet.
 *
 * 1. Nothing of the shop is on it: no name, no number of anything.
 * 2. Over http somebody on the LAN could put another certificate in its place. The page says so, and to compare the fingerprint with the hub's terminal.
 * 3. The script only adds: it opens the part of this system, and says whether the secure address works, as often as it takes.
 */
import { renderSVG } from 'uqr';

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
}

export function trustPage({ secureUrl, nameUrl, url, fingerprint, authorityName, isSecure }: TrustPage): string {
	const name = escaped(authorityName);
	return page(`
<h1>Let this device trust the hub</h1>
<p>A till keeps its sales, its keys and the whole app on the device itself. Browsers allow that to secure (https) pages only. The hub of this shop has a
certificate of its own for that; this device has to be told once that it may trust it.</p>
<div id="check" class="check" data-url="${escaped(secureUrl)}" role="status">
<p id="said">${isSecure ? 'This page came by https. If the browser warned of it, or crosses out the lock in the address bar, follow the steps first.' : 'When the steps below are done, open the secure address. If the browser does not warn, all is well.'}</p>
<p><a id="go" class="go" href="${escaped(secureUrl)}/">Open the till at ${escaped(secureUrl)}</a></p>
</div>
<h2>1. Get the certificate</h2>
<p><a class="get" href="/ca.crt">Download the certificate</a></p>
<p>Where a program asks for PEM: <a href="/ca.pem">the same as PEM</a>.</p>
<p>Its SHA-256 fingerprint:</p>
<p class="mono print">${escaped(fingerprint).replaceAll(':', ':<wbr>')}</p>
<p>${isSecure ? 'Compare' : 'This page itself is not secure yet, so compare'} it with the one in the hub’s terminal. If they differ, stop: somebody on the network is in between.</p>
<h2>2. Tell the device to trust it</h2>
<p>It is named <b>${name}</b>.</p>
${SYSTEMS.map(({ id, title, steps, note }) => `<details data-system="${id}"><summary>${title}</summary><ol>${steps.map((step) => `<li>${step.replaceAll('NAME', name)}</li>`).join('')}</ol>${note === undefined ? '' : `<p>${note}</p>`}</details>`).join('\n')}
<h2>3. Open the till</h2>
<p>Go to <a href="${escaped(secureUrl)}/">${escaped(secureUrl)}</a> and keep it as a bookmark, or install it as an app from the browser’s menu. If the browser still warns, close
all its windows and open it again. Do not click past the warning: a till that was opened so does not start without the network.</p>
<h2>If the hub gets another address</h2>
<p>${nameUrl === undefined ? '' : `Most devices also find it by its name, which stays: <a href="${escaped(nameUrl)}/">${escaped(nameUrl)}</a>. If that opens here, better use it from the first day. (Android before version 12 knows no such names.) `}A
router can be told to give the hub the same address for ever; it is called a reserved or static address there.</p>
<p>A till that was opened by an old address still starts, sells and keeps all its sales. Tell it where the hub is now: in the till under <b>Settings → Where the hub is</b>, paste the
setup code that the hub shows. Do not open it anew at the new address while sales wait on it: a browser keeps what belongs to each address apart. The certificate need not be trusted again.</p>
<h2>On another device</h2>
<div class="qr">${renderSVG(url, { border: 2 })}</div>
<p>This code leads to this page: <span class="mono">${escaped(url)}</span></p>
<h2>What you allow</h2>
<p>The certificate can vouch for addresses inside a private network (such as 192.168.…), for names that end in .local, and for the device itself: not for any site on the internet. It
lasts ten years. To take it back, delete <b>${name}</b> where you put it.</p>
<script src="/trust.js"></script>`);
}

/** Where the hub was started without https. */
export function noTrustPage(): string {
	return page(`
<h1>This hub offers no secure address</h1>
<p>It was started with <span class="mono">--https-port off</span>. Start it without that flag, then open this page again. On the hub’s own machine a till works at <span class="mono">http://localhost</span>.</p>`);
}

interface System {
	readonly id: string;
	readonly title: string;
	readonly steps: readonly string[];
	readonly note?: string;
}

const SYSTEMS: readonly System[] = [
	{
		...{ id: 'windows', title: 'Windows: Chrome, Edge' },
		steps: [
			'Open the downloaded file <b>ca.crt</b> and choose <b>Install Certificate…</b>',
			'Choose <b>Current User</b>, or <b>Local Machine</b> for everybody who uses this computer.',
			'Choose <b>Place all certificates in the following store</b>, <b>Browse…</b>, <b>Trusted Root Certification Authorities</b>.',
			'<b>Next</b>, <b>Finish</b>, and <b>Yes</b> to the question. Then close the browser and open it again.',
		],
	},
	{
		...{ id: 'mac', title: 'macOS: Safari, Chrome, Edge' },
		steps: [
			'Open the downloaded file. <b>Keychain Access</b> takes it in.',
			'Find <b>NAME</b> there, under <b>login → Certificates</b>, and open it by a double click.',
			'Unfold <b>Trust</b> and set <b>When using this certificate</b> to <b>Always Trust</b>.',
			'Close the window and type your password.',
		],
	},
	{
		...{ id: 'ios', title: 'iPhone and iPad' },
		steps: [
			'Open this page in <b>Safari</b>, tap <b>Download the certificate</b>, and <b>Allow</b>.',
			'Open <b>Settings</b>, tap <b>Profile Downloaded</b>, then <b>Install</b>.',
			'Go to <b>Settings → General → About → Certificate Trust Settings</b> and turn <b>NAME</b> on. Without this step it stays untrusted.',
		],
		note: 'Add the till to the Home Screen: Safari forgets what a page has stored when it was not used for seven days, but not of one on the Home Screen.',
	},
	{
		...{ id: 'android', title: 'Android: Chrome, Edge' },
		steps: [
			'Download the certificate. Android wants a screen lock on devices that trust one.',
			'Open <b>Settings</b> and search for <b>CA certificate</b>; it is under <b>Security → Encryption and credentials → Install a certificate</b>.',
			'Choose <b>CA certificate</b>, <b>Install anyway</b>, and the file <b>ca.crt</b>.',
		],
		note: 'Firefox on Android asks for more: Settings → About Firefox, tap the logo five times; then Settings → Secret Settings → Use third party CA certificates.',
	},
	{
		...{ id: 'chromeos', title: 'ChromeOS' },
		steps: [
			'Open <b>chrome://certificate-manager</b> in the address bar.',
			'Under <b>Local certificates</b> choose <b>Installed by you</b>, then <b>Trusted Certificates → Import</b>. On older versions: <b>Authorities → Import</b>.',
			'Choose <b>ca.crt</b>, and where it asks, tick <b>Trust this certificate for identifying websites</b>.',
		],
		note: 'On a Chromebook that a company or a school manages, its administrator does this in the Admin console.',
	},
	{
		...{ id: 'linux', title: 'Linux: Chrome, Chromium' },
		steps: [
			'Open <b>chrome://certificate-manager</b> in the address bar.',
			'Under <b>Local certificates</b> choose <b>Installed by you</b>, then <b>Trusted Certificates → Import</b>. On older versions: <b>Authorities → Import</b>.',
			'Choose <b>ca.crt</b>, and where it asks, tick <b>Trust this certificate for identifying websites</b>.',
		],
		note: 'Or in a terminal: <span class="mono">certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Holdfast -i ca.crt</span>',
	},
	{
		...{ id: 'firefox', title: 'Firefox on Windows, macOS and Linux' },
		steps: [
			'Open <b>Settings → Privacy &amp; Security</b> and at <b>Certificates</b> choose <b>View Certificates…</b>',
			'Under <b>Authorities</b> choose <b>Import…</b> and the file <b>ca.crt</b>.',
			'Tick <b>Trust this CA to identify websites</b>, then <b>OK</b>.',
		],
		note: 'On Windows and macOS, Firefox also trusts what the system was told to trust by the steps above.',
	},
];

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
		said.textContent = 'It works: this device trusts the hub.';
		return;
	}
	box.dataset.state = 'not-yet';
	said.textContent = 'Not yet: this browser does not trust the hub’s certificate. Follow the steps; this page looks again by itself.';
	setTimeout(look, 3000);
}
if (location.protocol === 'http:') look();
`;

function page(body: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust this hub · Holdfast</title>
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
details ol { margin: 0; padding: 0 18px 10px 40px; }
details li { margin: 6px 0; }
details p { margin: 0; padding: 0 18px 14px; color: var(--soft); }
.qr { width: 200px; max-width: 100%; padding: 4px; border-radius: 14px; background: #fff; }
.qr svg { display: block; width: 100%; height: auto; }
`;

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
