/** A till is a browser program: nothing is rendered on a server, one page answers every address. */
export const ssr = false;
export const prerender = false;
