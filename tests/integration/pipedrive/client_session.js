// One session of Pipedrive's own client against a stand-in; prints what it saw as JSON.
"use strict";

const { v1, v2 } = require("pipedrive");

const url = process.env.PIPEDRIVE_URL;
const apiKey = process.env.PIPEDRIVE_TOKEN;
const one = new v1.Configuration({ apiKey, basePath: `${url}/api/v1` });
const two = new v2.Configuration({ apiKey, basePath: `${url}/api/v2` });
const organizations = new v2.OrganizationsApi(two);
const fields = new v2.OrganizationFieldsApi(two);
const activities = new v2.ActivitiesApi(two);

async function refused(promise) {
  try {
    await promise;
    return "not refused";
  } catch (error) {
    return { error: error.error, code: error.code, errorCode: error.errorCode };
  }
}

async function madeFields() {
  const made = {};
  for (const [name, type, options] of [
    ["Score", "double"],
    ["Money", "monetary"],
    ["Band", "enum", [{ label: "good" }, { label: "bad" }]],
    ["Day", "date"],
    ["Text", "varchar"],
  ]) {
    const answer = await fields.addOrganizationField({
      AddOrganizationFieldRequest: { field_name: name, field_type: type, options },
    });
    made[name] = answer.data;
  }
  return made;
}

async function allPages(ask) {
  const sizes = [];
  let cursor;
  do {
    const answer = await ask(cursor);
    sizes.push(answer.data.length);
    cursor = answer.additional_data.next_cursor;
  } while (cursor);
  return sizes;
}

async function main() {
  const said = {};
  const user = await new v1.UsersApi(one).getCurrentUser();
  said.user = user.data.email;
  said.users = (await new v1.UsersApi(one).getUsers()).data.length;
  const made = await madeFields();
  said.codes = Object.values(made).map((field) => field.field_code.length);
  said.optionLabels = made.Band.options.map((option) => option.label);
  const organization = await organizations.addOrganization({
    AddOrganizationRequest: { name: "Löwe & Söhne 😀", owner_id: user.data.id },
  });
  const id = organization.data.id;
  const values = {
    [made.Score.field_code]: 71.5,
    [made.Money.field_code]: { value: 1200.25, currency: "EUR" },
    [made.Band.field_code]: made.Band.options[1].id,
    [made.Day.field_code]: "2026-03-04",
    [made.Text.field_code]: "  blanks  ",
  };
  await organizations.updateOrganization({
    id,
    UpdateOrganizationRequest: { custom_fields: values },
  });
  const read = await organizations.getOrganization({ id, include_option_labels: true });
  said.name = read.data.name;
  said.values = Object.fromEntries(
    Object.entries(made).map(([name, field]) => [name, read.data.custom_fields[field.field_code]])
  );
  await organizations.updateOrganization({
    id,
    UpdateOrganizationRequest: { custom_fields: { [made.Score.field_code]: null } },
  });
  said.changes = (
    await new v1.OrganizationsApi(one).getOrganizationChangelog({ id, limit: 3 })
  ).data.map((row) => [
    row.field_key === made.Score.field_code,
    row.old_value,
    row.new_value,
    row.change_source,
  ])[0];
  const cleared = await organizations.getOrganizations({
    ids: `${id},999999`,
    custom_fields: made.Score.field_code,
  });
  said.found = cleared.data.length;
  said.cleared = cleared.data[0].custom_fields;
  said.unknownField = await refused(
    organizations.updateOrganization({
      id,
      UpdateOrganizationRequest: { custom_fields: { ["0".repeat(40)]: 1 } },
    })
  );
  said.wrongType = await refused(
    organizations.updateOrganization({
      id,
      UpdateOrganizationRequest: { custom_fields: { [made.Score.field_code]: "much" } },
    })
  );
  said.notFound = await refused(organizations.getOrganization({ id: 999999 }));
  said.wrongToken = await refused(
    new v2.OrganizationsApi(
      new v2.Configuration({ apiKey: "wrong-token", basePath: `${url}/api/v2` })
    ).getOrganizations({})
  );
  const activity = await activities.addActivity({
    AddActivityRequest: { subject: "Call", type: "task", org_id: id, due_date: "2026-05-06" },
  });
  await activities.updateActivity({
    id: activity.data.id,
    AddActivityRequest: { done: true },
  });
  const done = await activities.getActivities({ org_id: id, done: true });
  said.done = done.data.map((row) => [row.subject, row.done, row.marked_as_done_time !== null]);
  said.pages = await allPages((cursor) => organizations.getOrganizations({ limit: 2, cursor }));
  said.fieldPages = await allPages((cursor) =>
    fields.getOrganizationFields({ limit: 10, cursor })
  );
  said.stages = (await new v2.StagesApi(two).getStages({})).data.length;
  said.recents = (
    await new v1.RecentsApi(one).getRecents({ since_timestamp: "2021-01-01 00:00:00" })
  ).data.map((row) => row.item);
  const other = await organizations.addOrganization({ AddOrganizationRequest: { name: "Other" } });
  await new v1.OrganizationsApi(one).mergeOrganizations({
    id,
    MergeOrganizationsRequest: { merge_with_id: other.data.id },
  });
  said.merged = (await organizations.getOrganization({ id })).data.is_deleted;
  const moved = await activities.getActivities({ org_id: other.data.id });
  said.moved = moved.data.length;
  await organizations.deleteOrganization({ id: other.data.id });
  said.listedAfter = (await organizations.getOrganizations({ ids: `${other.data.id}` })).data;
  process.stdout.write(JSON.stringify(said));
}

main().catch((error) => {
  process.stderr.write(String(error.stack || JSON.stringify(error)));
  process.exit(1);
});
