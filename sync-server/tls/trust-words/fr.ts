import type { TrustWords } from './trust-words.ts';

export const fr: TrustWords = {
	...{ language: 'fr', name: 'Français', direction: 'ltr' },
	pageTitle: 'Faire confiance à ce hub · Holdfast',
	title: 'Que cet appareil fasse confiance au hub',
	why: 'Une caisse garde ses ventes, ses clés et toute l’application sur l’appareil même. Les navigateurs ne le permettent qu’aux pages sûres (https). Le hub de ce magasin a pour cela un certificat à lui ; il faut dire une fois à cet appareil qu’il peut s’y fier.',
	cameSecurely:
		'Cette page est venue par https. Si le navigateur vous en a averti, ou barre le cadenas dans la barre d’adresse, suivez d’abord les étapes.',
	whenDone: 'Une fois les étapes ci-dessous faites, ouvrez l’adresse sûre. Si le navigateur n’avertit pas, tout va bien.',
	works: 'Cela marche : cet appareil fait confiance au hub.',
	notYet: 'Pas encore : ce navigateur ne fait pas confiance au certificat du hub. Suivez les étapes ; cette page regarde à nouveau d’elle-même.',
	openAt: (url) => `Ouvrir la caisse à ${url}`,
	getTitle: '1. Obtenir le certificat',
	download: 'Télécharger le certificat',
	pem: (link) => `Si un programme demande du PEM : ${link('le même en PEM')}.`,
	fingerprint: 'Son empreinte SHA-256 :',
	compare: 'Comparez-la avec celle du terminal du hub. Si elles diffèrent, arrêtez : quelqu’un sur le réseau s’est interposé.',
	compareHere:
		'Cette page elle-même n’est pas encore sûre, comparez donc l’empreinte avec celle du terminal du hub. Si elles diffèrent, arrêtez : quelqu’un sur le réseau s’est interposé.',
	tellTitle: '2. Dire à l’appareil de lui faire confiance',
	named: 'Il s’appelle <b>NAME</b>.',
	systems: {
		windows: {
			title: 'Windows : Chrome, Edge',
			steps: [
				'Ouvrez le fichier téléchargé <b>ca.crt</b> et choisissez <b>Installer un certificat…</b>',
				'Choisissez <b>Utilisateur actuel</b>, ou <b>Ordinateur local</b> pour tous ceux qui utilisent cet ordinateur.',
				'Choisissez <b>Placer tous les certificats dans le magasin suivant</b>, <b>Parcourir…</b>, <b>Autorités de certification racines de confiance</b>.',
				'<b>Suivant</b>, <b>Terminer</b>, et <b>Oui</b> à la question. Fermez ensuite le navigateur et rouvrez-le.',
			],
		},
		mac: {
			title: 'macOS : Safari, Chrome, Edge',
			steps: [
				'Ouvrez le fichier téléchargé. <b>Trousseaux d’accès</b> le prend.',
				'Trouvez-y <b>NAME</b>, sous <b>session → Certificats</b>, et ouvrez-le par un double clic.',
				'Dépliez <b>Se fier</b> et réglez <b>Lors de l’utilisation de ce certificat</b> sur <b>Toujours approuver</b>.',
				'Fermez la fenêtre et tapez votre mot de passe.',
			],
		},
		ios: {
			title: 'iPhone et iPad',
			steps: [
				'Ouvrez cette page dans <b>Safari</b>, touchez <b>Télécharger le certificat</b>, puis <b>Autoriser</b>.',
				'Ouvrez <b>Réglages</b>, touchez <b>Profil téléchargé</b>, puis <b>Installer</b>.',
				'Allez dans <b>Réglages → Général → Informations → Réglages des certificats</b> et activez <b>NAME</b>. Sans cette étape, il n’est pas approuvé.',
			],
			note: 'Ajoutez la caisse à l’écran d’accueil : Safari oublie ce qu’une page a enregistré quand elle n’a pas servi pendant sept jours, mais pas celle qui est sur l’écran d’accueil.',
		},
		android: {
			title: 'Android : Chrome, Edge',
			steps: [
				'Téléchargez le certificat. Android veut un verrouillage de l’écran sur les appareils qui en approuvent un.',
				'Ouvrez les <b>Paramètres</b> et cherchez <b>certificat CA</b> ; il est sous <b>Sécurité → Chiffrement et identifiants → Installer un certificat</b>.',
				'Choisissez <b>Certificat CA</b>, <b>Installer quand même</b>, et le fichier <b>ca.crt</b>.',
			],
			note: 'Firefox sur Android demande plus : Paramètres → À propos de Firefox, touchez cinq fois le logo ; puis Paramètres → Paramètres secrets → Utiliser les certificats CA tiers.',
		},
		chromeos: {
			title: 'ChromeOS',
			steps: [
				'Ouvrez <b>chrome://certificate-manager</b> dans la barre d’adresse.',
				'Sous <b>Certificats locaux</b>, choisissez <b>Installés par vous</b>, puis <b>Certificats de confiance → Importer</b>. Sur d’anciennes versions : <b>Autorités → Importer</b>.',
				'Choisissez <b>ca.crt</b> et, si la question est posée, cochez la confiance <b>pour identifier les sites web</b>.',
			],
			note: 'Sur un Chromebook géré par une entreprise ou une école, son administrateur le fait dans la console d’administration.',
		},
		linux: {
			title: 'Linux : Chrome, Chromium',
			steps: [
				'Ouvrez <b>chrome://certificate-manager</b> dans la barre d’adresse.',
				'Sous <b>Certificats locaux</b>, choisissez <b>Installés par vous</b>, puis <b>Certificats de confiance → Importer</b>. Sur d’anciennes versions : <b>Autorités → Importer</b>.',
				'Choisissez <b>ca.crt</b> et, si la question est posée, cochez la confiance <b>pour identifier les sites web</b>.',
			],
			note: 'Ou dans un terminal : <span class="mono" dir="ltr">certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Holdfast -i ca.crt</span>',
		},
		firefox: {
			title: 'Firefox sur Windows, macOS et Linux',
			steps: [
				'Ouvrez <b>Paramètres → Vie privée et sécurité</b> et, à <b>Certificats</b>, choisissez <b>Afficher les certificats…</b>',
				'Sous <b>Autorités</b>, choisissez <b>Importer…</b> et le fichier <b>ca.crt</b>.',
				'Cochez <b>Confirmer cette AC pour identifier des sites web</b>, puis <b>OK</b>.',
			],
			note: 'Sur Windows et macOS, Firefox fait aussi confiance à ce que le système a appris par les étapes ci-dessus.',
		},
	},
	openTitle: '3. Ouvrir la caisse',
	openAbout: (link) =>
		`Allez à ${link} et gardez-la en favori, ou installez-la comme application par le menu du navigateur. Si le navigateur avertit encore, fermez toutes ses fenêtres et rouvrez-le. Ne passez pas outre l’avertissement : une caisse ouverte ainsi ne démarre pas sans réseau.`,
	movedTitle: 'Si le hub change d’adresse',
	movedByName: (link) =>
		`La plupart des appareils le trouvent aussi par son nom, qui reste : ${link}. Si cela s’ouvre ici, mieux vaut l’utiliser dès le premier jour. (Android avant la version 12 ne connaît pas de tels noms.)`,
	movedStatic: 'On peut dire à un routeur de donner toujours la même adresse au hub ; elle s’y appelle réservée ou statique.',
	movedTill:
		'Une caisse ouverte à une ancienne adresse démarre encore, vend et garde toutes ses ventes. Dites-lui où est le hub à présent : dans la caisse, sous <b>Paramètres → Où est le hub</b>, collez le code de configuration affiché par le hub. Ne la rouvrez pas à la nouvelle adresse tant que des ventes y attendent : un navigateur tient séparé ce qui appartient à chaque adresse. Il n’y a pas à refaire confiance au certificat.',
	otherTitle: 'Sur un autre appareil',
	leadsHere: (url) => `Ce code mène à cette page : ${url}`,
	allowTitle: 'Ce que vous permettez',
	allow:
		'Le certificat peut se porter garant d’adresses d’un réseau privé (comme 192.168.…), de noms qui finissent en .local, et de l’appareil lui-même : d’aucun site d’internet. Il dure dix ans. Pour le retirer, supprimez <b>NAME</b> là où vous l’avez mis.',
	noneTitle: 'Ce hub n’offre pas d’adresse sûre',
	noneAbout:
		'Il a été démarré avec <span class="mono">--https-port off</span>. Démarrez-le sans cette option, puis rouvrez cette page. Sur la machine même du hub, une caisse marche à <span class="mono">http://localhost</span>.',
};
