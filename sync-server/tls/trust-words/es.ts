import type { TrustWords } from './trust-words.ts';

export const es: TrustWords = {
	...{ language: 'es', name: 'Español', direction: 'ltr' },
	pageTitle: 'Confiar en este equipo central · Holdfast',
	title: 'Que este dispositivo confíe en el equipo central',
	why: 'Una caja guarda sus ventas, sus claves y toda la aplicación en el propio dispositivo. Los navegadores solo lo permiten a páginas seguras (https). El equipo central de esta tienda tiene para ello un certificado propio; hay que decir una vez a este dispositivo que puede confiar en él.',
	cameSecurely: 'Esta página llegó por https. Si el navegador avisó, o tacha el candado de la barra de direcciones, siga primero los pasos.',
	whenDone: 'Cuando haya hecho los pasos de abajo, abra la dirección segura. Si el navegador no avisa, todo está bien.',
	works: 'Funciona: este dispositivo confía en el equipo central.',
	notYet: 'Todavía no: este navegador no confía en el certificado del equipo central. Siga los pasos; esta página vuelve a mirar por sí sola.',
	openAt: (url) => `Abrir la caja en ${url}`,
	getTitle: '1. Obtener el certificado',
	download: 'Descargar el certificado',
	pem: (link) => `Si un programa pide PEM: ${link('el mismo en PEM')}.`,
	fingerprint: 'Su huella SHA-256:',
	compare: 'Compárela con la del terminal del equipo central. Si son distintas, pare: alguien en la red está en medio.',
	compareHere:
		'Esta página todavía no es segura, así que compare la huella con la del terminal del equipo central. Si son distintas, pare: alguien en la red está en medio.',
	tellTitle: '2. Decir al dispositivo que confíe en él',
	named: 'Se llama <b>NAME</b>.',
	systems: {
		windows: {
			title: 'Windows: Chrome, Edge',
			steps: [
				'Abra el archivo descargado <b>ca.crt</b> y elija <b>Instalar certificado…</b>',
				'Elija <b>Usuario actual</b>, o <b>Equipo local</b> para todos los que usan este equipo.',
				'Elija <b>Colocar todos los certificados en el siguiente almacén</b>, <b>Examinar…</b>, <b>Entidades de certificación raíz de confianza</b>.',
				'<b>Siguiente</b>, <b>Finalizar</b> y <b>Sí</b> a la pregunta. Después cierre el navegador y ábralo de nuevo.',
			],
		},
		mac: {
			title: 'macOS: Safari, Chrome, Edge',
			steps: [
				'Abra el archivo descargado. <b>Acceso a Llaveros</b> lo incorpora.',
				'Busque allí <b>NAME</b>, en <b>inicio de sesión → Certificados</b>, y ábralo con un doble clic.',
				'Despliegue <b>Confiar</b> y ponga <b>Al utilizar este certificado</b> en <b>Confiar siempre</b>.',
				'Cierre la ventana y escriba su contraseña.',
			],
		},
		ios: {
			title: 'iPhone y iPad',
			steps: [
				'Abra esta página en <b>Safari</b>, toque <b>Descargar el certificado</b> y <b>Permitir</b>.',
				'Abra <b>Ajustes</b>, toque <b>Perfil descargado</b> y luego <b>Instalar</b>.',
				'Vaya a <b>Ajustes → General → Información → Ajustes de confianza de los certificados</b> y active <b>NAME</b>. Sin este paso no se confía en él.',
			],
			note: 'Añada la caja a la pantalla de inicio: Safari olvida lo que guardó una página que no se usó en siete días, pero no la de una que está en la pantalla de inicio.',
		},
		android: {
			title: 'Android: Chrome, Edge',
			steps: [
				'Descargue el certificado. Android exige un bloqueo de pantalla en los dispositivos que confían en uno.',
				'Abra <b>Ajustes</b> y busque <b>certificado CA</b>; está en <b>Seguridad → Cifrado y credenciales → Instalar un certificado</b>.',
				'Elija <b>Certificado CA</b>, <b>Instalar de todos modos</b> y el archivo <b>ca.crt</b>.',
			],
			note: 'Firefox en Android pide más: Ajustes → Acerca de Firefox, toque cinco veces el logotipo; luego Ajustes → Ajustes secretos → Usar certificados CA de terceros.',
		},
		chromeos: {
			title: 'ChromeOS',
			steps: [
				'Abra <b>chrome://certificate-manager</b> en la barra de direcciones.',
				'En <b>Certificados locales</b> elija <b>Instalados por ti</b> y luego <b>Certificados de confianza → Importar</b>. En versiones anteriores: <b>Entidades emisoras → Importar</b>.',
				'Elija <b>ca.crt</b> y, donde pregunte, marque confiar en él <b>para identificar sitios web</b>.',
			],
			note: 'En un Chromebook que administra una empresa o una escuela, lo hace su administrador en la consola de administración.',
		},
		linux: {
			title: 'Linux: Chrome, Chromium',
			steps: [
				'Abra <b>chrome://certificate-manager</b> en la barra de direcciones.',
				'En <b>Certificados locales</b> elija <b>Instalados por ti</b> y luego <b>Certificados de confianza → Importar</b>. En versiones anteriores: <b>Entidades emisoras → Importar</b>.',
				'Elija <b>ca.crt</b> y, donde pregunte, marque confiar en él <b>para identificar sitios web</b>.',
			],
			note: 'O en un terminal: <span class="mono" dir="ltr">certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Holdfast -i ca.crt</span>',
		},
		firefox: {
			title: 'Firefox en Windows, macOS y Linux',
			steps: [
				'Abra <b>Ajustes → Privacidad y seguridad</b> y, en <b>Certificados</b>, elija <b>Ver certificados…</b>',
				'En <b>Autoridades</b> elija <b>Importar…</b> y el archivo <b>ca.crt</b>.',
				'Marque <b>Confiar en esta CA para identificar sitios web</b> y luego <b>Aceptar</b>.',
			],
			note: 'En Windows y macOS, Firefox también confía en lo que se dijo al sistema con los pasos de arriba.',
		},
	},
	openTitle: '3. Abrir la caja',
	openAbout: (link) =>
		`Vaya a ${link} y guárdela como favorito, o instálela como aplicación desde el menú del navegador. Si el navegador sigue avisando, cierre todas sus ventanas y ábralo de nuevo. No pase por alto el aviso: una caja abierta así no arranca sin la red.`,
	movedTitle: 'Si el equipo central cambia de dirección',
	movedByName: (link) =>
		`La mayoría de los dispositivos también lo encuentran por su nombre, que se mantiene: ${link}. Si eso se abre aquí, es mejor usarlo desde el primer día. (Android anterior a la versión 12 no conoce esos nombres.)`,
	movedStatic: 'Se puede decir a un router que dé siempre la misma dirección al equipo central; allí se llama reservada o estática.',
	movedTill:
		'Una caja que se abrió con una dirección antigua sigue arrancando, vende y conserva todas sus ventas. Dígale dónde está ahora el equipo central: en la caja, en <b>Ajustes → Dónde está el equipo central</b>, pegue el código de configuración que muestra el equipo central. No la abra de nuevo en la dirección nueva mientras haya ventas esperando en ella: un navegador mantiene separado lo de cada dirección. No hace falta volver a confiar en el certificado.',
	otherTitle: 'En otro dispositivo',
	leadsHere: (url) => `Este código lleva a esta página: ${url}`,
	allowTitle: 'Lo que usted permite',
	allow:
		'El certificado puede responder por direcciones de una red privada (como 192.168.…), por nombres que terminan en .local y por el propio dispositivo: por ningún sitio de internet. Dura diez años. Para retirarlo, borre <b>NAME</b> de donde lo puso.',
	noneTitle: 'Este equipo central no ofrece una dirección segura',
	noneAbout:
		'Se arrancó con <span class="mono">--https-port off</span>. Arránquelo sin esa opción y abra de nuevo esta página. En el propio equipo central una caja funciona en <span class="mono">http://localhost</span>.',
};
