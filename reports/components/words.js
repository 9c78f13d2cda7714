/** Formats shared by the pages. No figures are computed here, only written out. */

const SYMBOLS = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹' };

/** Excel-style format code of the amounts on an axis, short enough for a phone. */
export function axisMoney(currency, rows, column) {
	const symbol = `"${SYMBOLS[currency] ?? `${currency ?? ''} `}"`;
	const most = Math.max(0, ...[...(rows ?? [])].map((row) => row[column] ?? 0));
	if (most >= 5e6) return `${symbol}#,##0,,"M"`;
	if (most >= 1e6) return `${symbol}0.0,,"M"`;
	if (most >= 5e3) return `${symbol}#,##0,"k"`;
	return `${symbol}#,##0`;
}

/** 4183200 -> $4.18M */
export function shortMoney(value, currency) {
	if (value === null || value === undefined) return '–';
	return new Intl.NumberFormat('en', {
		style: 'currency',
		currency: currency ?? 'USD',
		notation: 'compact',
		maximumFractionDigits: Math.abs(value) >= 1e6 ? 2 : 0
	}).format(value);
}

/** 41832.4 -> $41,832 */
export function wholeMoney(value, currency) {
	if (value === null || value === undefined) return '–';
	return new Intl.NumberFormat('en', {
		style: 'currency',
		currency: currency ?? 'USD',
		maximumFractionDigits: 0
	}).format(value);
}

export function whole(value) {
	return value === null || value === undefined
		? '–'
		: new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(value);
}

export function percent(value, digits = 0) {
	return value === null || value === undefined
		? '–'
		: new Intl.NumberFormat('en', {
				style: 'percent',
				minimumFractionDigits: digits,
				maximumFractionDigits: digits
			}).format(value);
}

export function decimal(value, digits = 2) {
	return value === null || value === undefined
		? '–'
		: new Intl.NumberFormat('en', {
				minimumFractionDigits: digits,
				maximumFractionDigits: digits
			}).format(value);
}

/** Dates are exported as noon UTC, so that they are the same day in every reader's time zone. */
export function day(value) {
	if (value === null || value === undefined) return '–';
	return new Intl.DateTimeFormat('en-GB', {
		day: 'numeric',
		month: 'short',
		year: 'numeric',
		timeZone: 'UTC'
	}).format(new Date(value));
}

export function moment(value) {
	if (value === null || value === undefined) return '–';
	return `${new Intl.DateTimeFormat('en-GB', {
		day: 'numeric',
		month: 'short',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		timeZone: 'UTC'
	}).format(new Date(value))} UTC`;
}

export function count(value, one, many) {
	return `${whole(value)} ${Number(value) === 1 ? one : many}`;
}

/** +4 or -12, in health points. */
export function change(value) {
	if (value === null || value === undefined) return '–';
	const rounded = Math.round(value);
	return rounded > 0 ? `+${rounded}` : rounded < 0 ? `−${Math.abs(rounded)}` : '±0';
}
