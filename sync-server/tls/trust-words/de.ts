import type { TrustWords } from './trust-words.ts';

export const de: TrustWords = {
	...{ language: 'de', name: 'Deutsch', direction: 'ltr' },
	pageTitle: 'Diesem Hub vertrauen · Holdfast',
	title: 'Dieses Gerät soll dem Hub vertrauen',
	why: 'Eine Kasse bewahrt ihre Verkäufe, ihre Schlüssel und die ganze App auf dem Gerät selbst auf. Browser erlauben das nur sicheren Seiten (https). Der Hub dieses Ladens hat dafür ein eigenes Zertifikat; diesem Gerät muss einmal gesagt werden, dass es ihm vertrauen darf.',
	cameSecurely:
		'Diese Seite kam über https. Wenn der Browser davor gewarnt hat oder das Schloss in der Adresszeile durchstreicht, gehen Sie zuerst die Schritte durch.',
	whenDone: 'Wenn die Schritte unten getan sind, öffnen Sie die sichere Adresse. Warnt der Browser nicht, ist alles gut.',
	works: 'Es geht: Dieses Gerät vertraut dem Hub.',
	notYet:
		'Noch nicht: Dieser Browser vertraut dem Zertifikat des Hubs nicht. Gehen Sie die Schritte durch; diese Seite sieht von selbst wieder nach.',
	openAt: (url) => `Kasse öffnen unter ${url}`,
	getTitle: '1. Das Zertifikat holen',
	download: 'Zertifikat herunterladen',
	pem: (link) => `Wo ein Programm PEM verlangt: ${link('dasselbe als PEM')}.`,
	fingerprint: 'Sein SHA-256-Fingerabdruck:',
	compare: 'Vergleichen Sie ihn mit dem im Terminal des Hubs. Unterscheiden sie sich, hören Sie auf: Jemand im Netz steht dazwischen.',
	compareHere:
		'Diese Seite selbst ist noch nicht sicher, also vergleichen Sie ihn mit dem im Terminal des Hubs. Unterscheiden sie sich, hören Sie auf: Jemand im Netz steht dazwischen.',
	tellTitle: '2. Dem Gerät sagen, dass es vertrauen darf',
	named: 'Es heißt <b>NAME</b>.',
	systems: {
		windows: {
			title: 'Windows: Chrome, Edge',
			steps: [
				'Öffnen Sie die heruntergeladene Datei <b>ca.crt</b> und wählen Sie <b>Zertifikat installieren…</b>',
				'Wählen Sie <b>Aktueller Benutzer</b>, oder <b>Lokaler Computer</b> für alle, die diesen Rechner benutzen.',
				'Wählen Sie <b>Alle Zertifikate in folgendem Speicher speichern</b>, <b>Durchsuchen…</b>, <b>Vertrauenswürdige Stammzertifizierungsstellen</b>.',
				'<b>Weiter</b>, <b>Fertig stellen</b> und <b>Ja</b> auf die Frage. Schließen Sie dann den Browser und öffnen Sie ihn wieder.',
			],
		},
		mac: {
			title: 'macOS: Safari, Chrome, Edge',
			steps: [
				'Öffnen Sie die heruntergeladene Datei. Die <b>Schlüsselbundverwaltung</b> nimmt sie auf.',
				'Suchen Sie dort <b>NAME</b> unter <b>Anmeldung → Zertifikate</b> und öffnen Sie es mit einem Doppelklick.',
				'Klappen Sie <b>Vertrauen</b> auf und stellen Sie <b>Bei Verwendung dieses Zertifikats</b> auf <b>Immer vertrauen</b>.',
				'Schließen Sie das Fenster und geben Sie Ihr Passwort ein.',
			],
		},
		ios: {
			title: 'iPhone und iPad',
			steps: [
				'Öffnen Sie diese Seite in <b>Safari</b>, tippen Sie auf <b>Zertifikat herunterladen</b> und auf <b>Zulassen</b>.',
				'Öffnen Sie die <b>Einstellungen</b>, tippen Sie auf <b>Profil geladen</b>, dann auf <b>Installieren</b>.',
				'Gehen Sie zu <b>Einstellungen → Allgemein → Info → Zertifikatsvertrauenseinstellungen</b> und schalten Sie <b>NAME</b> ein. Ohne diesen Schritt wird ihm nicht vertraut.',
			],
			note: 'Legen Sie die Kasse auf den Home-Bildschirm: Safari vergisst, was eine Seite gespeichert hat, wenn sie sieben Tage nicht benutzt wurde; von einer auf dem Home-Bildschirm nicht.',
		},
		android: {
			title: 'Android: Chrome, Edge',
			steps: [
				'Laden Sie das Zertifikat herunter. Android verlangt auf Geräten, die einem vertrauen, eine Displaysperre.',
				'Öffnen Sie die <b>Einstellungen</b> und suchen Sie nach <b>CA-Zertifikat</b>; es steht unter <b>Sicherheit → Verschlüsselung und Anmeldedaten → Zertifikat installieren</b>.',
				'Wählen Sie <b>CA-Zertifikat</b>, <b>Trotzdem installieren</b> und die Datei <b>ca.crt</b>.',
			],
			note: 'Firefox auf Android verlangt mehr: Einstellungen → Über Firefox, fünfmal auf das Logo tippen; dann Einstellungen → Geheime Einstellungen → CA-Zertifikate von Drittanbietern verwenden.',
		},
		chromeos: {
			title: 'ChromeOS',
			steps: [
				'Öffnen Sie <b>chrome://certificate-manager</b> in der Adresszeile.',
				'Wählen Sie unter <b>Lokale Zertifikate</b> <b>Von Ihnen installiert</b>, dann <b>Vertrauenswürdige Zertifikate → Importieren</b>. In älteren Versionen: <b>Zertifizierungsstellen → Importieren</b>.',
				'Wählen Sie <b>ca.crt</b>, und wo gefragt wird, haken Sie an, dass dem Zertifikat <b>zur Identifizierung von Websites</b> vertraut wird.',
			],
			note: 'Auf einem Chromebook, das eine Firma oder Schule verwaltet, macht das deren Administrator in der Admin-Konsole.',
		},
		linux: {
			title: 'Linux: Chrome, Chromium',
			steps: [
				'Öffnen Sie <b>chrome://certificate-manager</b> in der Adresszeile.',
				'Wählen Sie unter <b>Lokale Zertifikate</b> <b>Von Ihnen installiert</b>, dann <b>Vertrauenswürdige Zertifikate → Importieren</b>. In älteren Versionen: <b>Zertifizierungsstellen → Importieren</b>.',
				'Wählen Sie <b>ca.crt</b>, und wo gefragt wird, haken Sie an, dass dem Zertifikat <b>zur Identifizierung von Websites</b> vertraut wird.',
			],
			note: 'Oder in einem Terminal: <span class="mono" dir="ltr">certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Holdfast -i ca.crt</span>',
		},
		firefox: {
			title: 'Firefox auf Windows, macOS und Linux',
			steps: [
				'Öffnen Sie <b>Einstellungen → Datenschutz &amp; Sicherheit</b> und wählen Sie bei <b>Zertifikate</b> <b>Zertifikate anzeigen…</b>',
				'Wählen Sie unter <b>Zertifizierungsstellen</b> <b>Importieren…</b> und die Datei <b>ca.crt</b>.',
				'Haken Sie <b>Dieser CA vertrauen, um Websites zu identifizieren</b> an, dann <b>OK</b>.',
			],
			note: 'Unter Windows und macOS vertraut Firefox auch dem, was dem System in den Schritten oben gesagt wurde.',
		},
	},
	openTitle: '3. Die Kasse öffnen',
	openAbout: (link) =>
		`Gehen Sie zu ${link} und legen Sie ein Lesezeichen an, oder installieren Sie sie über das Menü des Browsers als App. Warnt der Browser immer noch, schließen Sie alle seine Fenster und öffnen Sie ihn wieder. Klicken Sie die Warnung nicht weg: Eine so geöffnete Kasse startet nicht ohne Netz.`,
	movedTitle: 'Wenn der Hub eine andere Adresse bekommt',
	movedByName: (link) =>
		`Die meisten Geräte finden ihn auch unter seinem Namen, der bleibt: ${link}. Öffnet sich das hier, nehmen Sie besser von Anfang an ihn. (Android vor Version 12 kennt solche Namen nicht.)`,
	movedStatic: 'Einem Router kann gesagt werden, dass der Hub immer dieselbe Adresse bekommt; dort heißt sie reserviert oder fest.',
	movedTill:
		'Eine Kasse, die unter einer alten Adresse geöffnet wurde, startet weiter, verkauft und behält alle Verkäufe. Sagen Sie ihr, wo der Hub jetzt ist: Fügen Sie in der Kasse unter <b>Einstellungen → Wo der Hub ist</b> den Einrichtungscode ein, den der Hub zeigt. Öffnen Sie sie nicht neu unter der neuen Adresse, solange Verkäufe auf ihr warten: Ein Browser hält auseinander, was zu jeder Adresse gehört. Dem Zertifikat muss nicht noch einmal vertraut werden.',
	otherTitle: 'Auf einem anderen Gerät',
	leadsHere: (url) => `Dieser Code führt zu dieser Seite: ${url}`,
	allowTitle: 'Was Sie erlauben',
	allow:
		'Das Zertifikat kann für Adressen in einem privaten Netz bürgen (etwa 192.168.…), für Namen, die auf .local enden, und für das Gerät selbst: für keine Seite im Internet. Es gilt zehn Jahre. Um es zurückzunehmen, löschen Sie <b>NAME</b>, wo Sie es abgelegt haben.',
	noneTitle: 'Dieser Hub bietet keine sichere Adresse',
	noneAbout:
		'Er wurde mit <span class="mono">--https-port off</span> gestartet. Starten Sie ihn ohne diesen Schalter und öffnen Sie diese Seite noch einmal. Am Rechner des Hubs selbst geht eine Kasse unter <span class="mono">http://localhost</span>.',
};
