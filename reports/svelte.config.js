import adapter from '@sveltejs/adapter-static';

// One shell for all pages: it is compiled once, and each run only changes the data beside it.
export default {
	kit: {
		adapter: adapter({
			pages: process.env.EVIDENCE_BUILD_DIR ?? './build',
			fallback: 'index.html',
			strict: false
		})
	}
};
