// Svelte 5 with runes everywhere, so that every reactive value is marked as one.
export default { compilerOptions: { runes: true } };
