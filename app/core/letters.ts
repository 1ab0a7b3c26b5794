/** The letters of codes that people read from a screen or paper and type: no 0 and O, no 1, I and L, no U and V. 29, a prime: check letters find more. */
export const LETTERS = '23456789ABCDEFGHJKMNPQRSTWXYZ';
