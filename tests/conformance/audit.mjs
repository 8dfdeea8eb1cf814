// Runs the GraphQL over HTTP audit against one address and prints what it found, as JSON.
import { auditServer } from "graphql-http";

const url = process.argv[2];
const results = await auditServer({ url });
const found = results.map(({ id, name, status, reason }) => ({ id, name, status, reason: reason ?? null }));
process.stdout.write(JSON.stringify(found));
