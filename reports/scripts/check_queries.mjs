// Runs the SQL of every page on exported data, in the engine that the browser uses.
//   node scripts/check_queries.mjs DATA_FOLDER     (from the folder of the reports)
// Prints `Error in Query! pages/x.md, query y: why` for each that fails, and exits 1.
import fs from 'node:fs';
import path from 'node:path';
import preprocess from '@evidence-dev/preprocess';
import { initDB, query, setParquetURLs } from '@evidence-dev/universal-sql/client-duckdb';

const data = path.resolve(process.argv[2]);

/** The first value of a column of that name: what a templated page would be opened with. */
function exampleOf(column, tables) {
	for (const table of tables) {
		const columns = query(`select * from warehouse."${table}" limit 0`)._evidenceColumnTypes;
		if (!columns.some((found) => found.name === column)) continue;
		const [row] = query(`select "${column}" as example from warehouse."${table}" limit 1`);
		if (row) return String(row.example);
	}
	return 'none';
}

function fill(sql, tables) {
	return sql.replace(/\$\{\s*params\.(\w+)\s*\}/g, (_, name) =>
		exampleOf(name, tables).replaceAll("'", "''")
	);
}

const manifest = JSON.parse(fs.readFileSync(path.join(data, 'manifest.json'), 'utf8'));
const files = manifest.renderedFiles.warehouse.map((name) =>
	path.join(data, name.replace(/^static\/data\//, ''))
);
await initDB();
await setParquetURLs({ warehouse: files });
const tables = files.map((name) => path.basename(name, '.parquet'));

let checked = 0;
let failed = 0;
const pages = fs.readdirSync('pages', { recursive: true }).filter((name) => name.endsWith('.md'));
for (const page of pages.sort()) {
	const content = preprocess.injectPartials(fs.readFileSync(path.join('pages', page), 'utf8'));
	for (const found of preprocess.extractQueries(content)) {
		checked += 1;
		try {
			if (found.compileError) throw new Error(found.compileError);
			const sql = fill(found.compiledQueryString, tables);
			if (sql.includes('${')) throw new Error('only ${params.…} and other queries may be inserted');
			query(sql);
		} catch (error) {
			failed += 1;
			const why = String(error.message ?? error).split('\n').join(' ');
			console.error(`Error in Query! pages/${page}, query ${found.id}: ${why}`);
		}
	}
}
console.log(`${checked} queries on ${pages.length} pages, ${failed} failed`);
process.exit(failed ? 1 : 0);
