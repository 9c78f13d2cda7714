// One session of HubSpot's own client against a stand-in; prints what it saw as JSON.
"use strict";

const { Client } = require("@hubspot/api-client");

const client = (accessToken) =>
  new Client({ accessToken, basePath: process.env.HUBSPOT_URL, numberOfApiCallRetries: 2 });
const hubspot = client(process.env.HUBSPOT_TOKEN);
const { companies, properties, objects, owners } = hubspot.crm;

async function refusal(promise) {
  try {
    await promise;
    return "not refused";
  } catch (error) {
    return { status: error.code, category: error.body.category };
  }
}

async function definitions() {
  await properties.groupsApi.create("companies", { name: "grp", label: "A group" });
  const common = { groupName: "grp", label: "x" };
  const made = await properties.batchApi.create("companies", {
    inputs: [
      { ...common, name: "js_score", type: "number", fieldType: "number" },
      { ...common, name: "js_day", type: "date", fieldType: "date" },
    ],
  });
  const unique = { name: "js_key", label: "x", type: "string", fieldType: "text" };
  await properties.coreApi.create("tasks", {
    ...unique,
    groupName: "taskinformation",
    hasUniqueValue: true,
  });
  const twice = refusal(
    properties.groupsApi.create("companies", { name: "grp", label: "A group" }),
  );
  return { made: made.results.map((one) => one.name), twice: await twice };
}

async function batches() {
  const created = await companies.batchApi.create({
    inputs: ["One", "Two", "Three"].map((name) => ({ properties: { name }, associations: [] })),
  });
  const ids = created.results.map((one) => one.id);
  const updated = await companies.batchApi.update({
    inputs: [
      { id: ids[0], properties: { js_score: "71.5", js_day: "2026-03-29" } },
      { id: ids[1], properties: { js_score: "much" } },
      { id: "999", properties: { js_score: "1" } },
    ].map((input, place) => ({ ...input, objectWriteTraceId: `t${place}` })),
  });
  await companies.basicApi.archive(ids[2]);
  const read = await companies.batchApi.read({
    properties: ["js_score", "js_day"],
    propertiesWithHistory: [],
    inputs: [...ids, "999"].map((id) => ({ id })),
  });
  return {
    ids,
    taken: updated.results.map((one) => one.objectWriteTraceId),
    refused: updated.errors.map((one) => [one.context.objectWriteTraceId[0], one.category]),
    read: read.results.map((one) => [one.id, one.properties.js_score, one.properties.js_day]),
    absent: read.errors[0].context.ids,
  };
}

async function tasks(companyId) {
  const [owner] = (await owners.ownersApi.getPage()).results;
  const input = (key) => ({
    properties: {
      js_key: key,
      hs_timestamp: "2026-03-29T12:00:00Z",
      hs_task_subject: `Call ${key}`,
      hubspot_owner_id: owner.id,
    },
    associations: [
      {
        to: { id: companyId },
        types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 192 }],
      },
    ],
    objectWriteTraceId: key,
  });
  await objects.tasks.batchApi.create({ inputs: [input("a")] });
  const again = await objects.tasks.batchApi.create({ inputs: [input("a"), input("b")] });
  const found = await objects.tasks.batchApi.read({
    idProperty: "js_key",
    properties: ["js_key", "hs_task_subject"],
    propertiesWithHistory: [],
    inputs: [{ id: "a" }, { id: "b" }, { id: "c" }],
  });
  const linked = await hubspot.crm.associations.v4.basicApi.getPage("companies", companyId, "tasks");
  return {
    again: again.errors.map((one) => [one.context.objectWriteTraceId[0], one.category]),
    found: found.results.map((one) => one.properties.hs_task_subject),
    linked: linked.results.length,
  };
}

async function merges(ids) {
  await companies.basicApi.merge({ primaryObjectId: ids[0], objectIdToMerge: ids[1] });
  const merged = await companies.basicApi.getById(ids[1], ["hs_merged_object_ids"]);
  return { id: merged.id, ids: merged.properties.hs_merged_object_ids };
}

async function main() {
  const said = { definitions: await definitions(), batches: await batches() };
  said.tasks = await tasks(said.batches.ids[0]);
  said.search = (
    await companies.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: "name", operator: "EQ", value: "Two" }] }],
      properties: ["name"],
      sorts: [],
      limit: 10,
      after: "0",
    })
  ).total;
  said.stranger = await refusal(client("pat-na1-wrong").crm.companies.basicApi.getPage());
  said.merged = await merges(said.batches.ids);
  process.stdout.write(JSON.stringify(said));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
