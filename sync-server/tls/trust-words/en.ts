import type { TrustWords } from './trust-words.ts';

export const en: TrustWords = {
	...{ language: 'en', name: 'English', direction: 'ltr' },
	pageTitle: 'Trust this hub · Holdfast',
	title: 'Let this device trust the hub',
	why: 'A till keeps its sales, its keys and the whole app on the device itself. Browsers allow that to secure (https) pages only. The hub of this shop has a certificate of its own for that; this device has to be told once that it may trust it.',
	cameSecurely: 'This page came by https. If the browser warned of it, or crosses out the lock in the address bar, follow the steps first.',
	whenDone: 'When the steps below are done, open the secure address. If the browser does not warn, all is well.',
	works: 'It works: this device trusts the hub.',
	notYet: 'Not yet: this browser does not trust the hub’s certificate. Follow the steps; this page looks again by itself.',
	openAt: (url) => `Open the till at ${url}`,
	getTitle: '1. Get the certificate',
	download: 'Download the certificate',
	pem: (link) => `Where a program asks for PEM: ${link('the same as PEM')}.`,
	fingerprint: 'Its SHA-256 fingerprint:',
	compare: 'Compare it with the one in the hub’s terminal. If they differ, stop: somebody on the network is in between.',
	compareHere:
		'This page itself is not secure yet, so compare it with the one in the hub’s terminal. If they differ, stop: somebody on the network is in between.',
	tellTitle: '2. Tell the device to trust it',
	named: 'It is named <b>NAME</b>.',
	systems: {
		windows: {
			title: 'Windows: Chrome, Edge',
			steps: [
				'Open the downloaded file <b>ca.crt</b> and choose <b>Install Certificate…</b>',
				'Choose <b>Current User</b>, or <b>Local Machine</b> for everybody who uses this computer.',
				'Choose <b>Place all certificates in the following store</b>, <b>Browse…</b>, <b>Trusted Root Certification Authorities</b>.',
				'<b>Next</b>, <b>Finish</b>, and <b>Yes</b> to the question. Then close the browser and open it again.',
			],
		},
		mac: {
			title: 'macOS: Safari, Chrome, Edge',
			steps: [
				'Open the downloaded file. <b>Keychain Access</b> takes it in.',
				'Find <b>NAME</b> there, under <b>login → Certificates</b>, and open it by a double click.',
				'Unfold <b>Trust</b> and set <b>When using this certificate</b> to <b>Always Trust</b>.',
				'Close the window and type your password.',
			],
		},
		ios: {
			title: 'iPhone and iPad',
			steps: [
				'Open this page in <b>Safari</b>, tap <b>Download the certificate</b>, and <b>Allow</b>.',
				'Open <b>Settings</b>, tap <b>Profile Downloaded</b>, then <b>Install</b>.',
				'Go to <b>Settings → General → About → Certificate Trust Settings</b> and turn <b>NAME</b> on. Without this step it stays untrusted.',
			],
			note: 'Add the till to the Home Screen: Safari forgets what a page has stored when it was not used for seven days, but not of one on the Home Screen.',
		},
		android: {
			title: 'Android: Chrome, Edge',
			steps: [
				'Download the certificate. Android wants a screen lock on devices that trust one.',
				'Open <b>Settings</b> and search for <b>CA certificate</b>; it is under <b>Security → Encryption and credentials → Install a certificate</b>.',
				'Choose <b>CA certificate</b>, <b>Install anyway</b>, and the file <b>ca.crt</b>.',
			],
			note: 'Firefox on Android asks for more: Settings → About Firefox, tap the logo five times; then Settings → Secret Settings → Use third party CA certificates.',
		},
		chromeos: {
			title: 'ChromeOS',
			steps: [
				'Open <b>chrome://certificate-manager</b> in the address bar.',
				'Under <b>Local certificates</b> choose <b>Installed by you</b>, then <b>Trusted Certificates → Import</b>. On older versions: <b>Authorities → Import</b>.',
				'Choose <b>ca.crt</b>, and where it asks, tick <b>Trust this certificate for identifying websites</b>.',
			],
			note: 'On a Chromebook that a company or a school manages, its administrator does this in the Admin console.',
		},
		linux: {
			title: 'Linux: Chrome, Chromium',
			steps: [
				'Open <b>chrome://certificate-manager</b> in the address bar.',
				'Under <b>Local certificates</b> choose <b>Installed by you</b>, then <b>Trusted Certificates → Import</b>. On older versions: <b>Authorities → Import</b>.',
				'Choose <b>ca.crt</b>, and where it asks, tick <b>Trust this certificate for identifying websites</b>.',
			],
			note: 'Or in a terminal: <span class="mono" dir="ltr">certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Holdfast -i ca.crt</span>',
		},
		firefox: {
			title: 'Firefox on Windows, macOS and Linux',
			steps: [
				'Open <b>Settings → Privacy &amp; Security</b> and at <b>Certificates</b> choose <b>View Certificates…</b>',
				'Under <b>Authorities</b> choose <b>Import…</b> and the file <b>ca.crt</b>.',
				'Tick <b>Trust this CA to identify websites</b>, then <b>OK</b>.',
			],
			note: 'On Windows and macOS, Firefox also trusts what the system was told to trust by the steps above.',
		},
	},
	openTitle: '3. Open the till',
	openAbout: (link) =>
		`Go to ${link} and keep it as a bookmark, or install it as an app from the browser’s menu. If the browser still warns, close all its windows and open it again. Do not click past the warning: a till that was opened so does not start without the network.`,
	movedTitle: 'If the hub gets another address',
	movedByName: (link) =>
		`Most devices also find it by its name, which stays: ${link}. If that opens here, better use it from the first day. (Android before version 12 knows no such names.)`,
	movedStatic: 'A router can be told to give the hub the same address for ever; it is called a reserved or static address there.',
	movedTill:
		'A till that was opened by an old address still starts, sells and keeps all its sales. Tell it where the hub is now: in the till under <b>Settings → Where the hub is</b>, paste the setup code that the hub shows. Do not open it anew at the new address while sales wait on it: a browser keeps what belongs to each address apart. The certificate need not be trusted again.',
	otherTitle: 'On another device',
	leadsHere: (url) => `This code leads to this page: ${url}`,
	allowTitle: 'What you allow',
	allow:
		'The certificate can vouch for addresses inside a private network (such as 192.168.…), for names that end in .local, and for the device itself: not for any site on the internet. It lasts ten years. To take it back, delete <b>NAME</b> where you put it.',
	noneTitle: 'This hub offers no secure address',
	noneAbout:
		'It was started with <span class="mono">--https-port off</span>. Start it without that flag, then open this page again. On the hub’s own machine a till works at <span class="mono">http://localhost</span>.',
};
