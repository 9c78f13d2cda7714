// One session of jsforce against a stand-in; prints what it saw as JSON.
"use strict";

const jsforce = require("jsforce");

const instanceUrl = process.env.SALESFORCE_URL;
const oauth2 = {
  loginUrl: instanceUrl,
  clientId: process.env.SALESFORCE_CLIENT_ID,
  clientSecret: process.env.SALESFORCE_CLIENT_SECRET,
};

async function refusal(promise) {
  try {
    await promise;
    return "not refused";
  } catch (error) {
    return error.errorCode ?? error.name;
  }
}

async function signedIn() {
  const conn = new jsforce.Connection({ instanceUrl, oauth2, version: "59.0" });
  await conn.authorize({ grant_type: "client_credentials" });
  return conn;
}

async function fields(conn) {
  const field = {
    FullName: "Account.Js_Score__c",
    Metadata: { type: "Number", label: "Js Score", precision: 18, scale: 1 },
  };
  const made = await conn.tooling.sobject("CustomField").create(field);
  const set = await conn
    .sobject("PermissionSet")
    .create({ Name: "Js_Writer", Label: "Js Writer" });
  await conn.sobject("FieldPermissions").create({
    ParentId: set.id,
    SobjectType: "Account",
    Field: field.FullName,
    PermissionsRead: true,
    PermissionsEdit: true,
  });
  const me = await conn.identity();
  await conn
    .sobject("PermissionSetAssignment")
    .create({ PermissionSetId: set.id, AssigneeId: me.user_id });
  const described = await conn.sobject("Account").describe();
  const seen = described.fields.find((one) => one.name === "Js_Score__c");
  return { made: made.success, seen: [seen.type, seen.scale, seen.updateable] };
}

async function records(conn) {
  const accounts = conn.sobject("Account");
  const made = await accounts.create(["One", "Two", "Three"].map((Name) => ({ Name })));
  const ids = made.map((one) => one.id);
  const changed = await accounts.update([
    { Id: ids[0], Js_Score__c: 71.5 },
    { Id: ids[1], Name: null },
    { Id: "001000000000009AAA", Js_Score__c: 1 },
  ]);
  await accounts.destroy(ids[2]);
  const read = await accounts.retrieve(ids[0]);
  const found = await conn
    .query("SELECT Name FROM Account ORDER BY Name", { autoFetch: true, maxFetch: 1000 });
  const all = await conn.query("SELECT Name FROM Account WHERE IsDeleted = true", {
    scanAll: true,
  });
  return {
    ids,
    refused: changed.map((one) => one.errors?.[0]?.statusCode ?? null),
    read: [read.Name, read.Js_Score__c],
    found: found.records.length,
    deleted: all.records.map((one) => one.Name),
  };
}

async function bulk(conn, ids) {
  conn.bulk2.pollInterval = 50;
  const input = [
    { Id: ids[0], Js_Score__c: "12.5" },
    { Id: ids[1], Js_Score__c: "much" },
  ];
  const told = await conn.bulk2.loadAndWaitForResults({
    object: "Account",
    operation: "update",
    input,
  });
  const stream = await conn.bulk2.query("SELECT Id, Js_Score__c FROM Account ORDER BY Id");
  const rows = await stream.toArray();
  return {
    taken: told.successfulResults.map((one) => one.sf__Id),
    refused: told.failedResults.map((one) => one.sf__Error.split(":")[0]),
    left: told.unprocessedRecords.length,
    read: rows.filter((one) => one.Id === ids[0]).map((one) => one.Js_Score__c),
  };
}

async function together(conn) {
  const base = "/services/data/v59.0";
  const told = await conn.requestPost(`${base}/composite`, {
    allOrNone: true,
    compositeRequest: [
      {
        method: "POST",
        url: `${base}/sobjects/Account`,
        referenceId: "made",
        body: { Name: "Together" },
      },
      {
        method: "PATCH",
        url: `${base}/sobjects/Account/@{made.id}`,
        referenceId: "changed",
        body: { Js_Score__c: 5 },
      },
    ],
  });
  const found = await conn.query("SELECT Js_Score__c FROM Account WHERE Name = 'Together'");
  return {
    statuses: told.compositeResponse.map((one) => one.httpStatusCode),
    read: found.records.map((one) => one.Js_Score__c),
  };
}

async function main() {
  const conn = await signedIn();
  const made = await fields(conn);
  const { ids, ...seen } = await records(conn);
  const inBulk = await bulk(conn, ids);
  const inOneCall = await together(conn);
  const stranger = new jsforce.Connection({ instanceUrl, accessToken: "no", version: "59.0" });
  return {
    fields: made,
    records: seen,
    bulk: { ...inBulk, taken: inBulk.taken.map((id) => ids.indexOf(id)) },
    together: inOneCall,
    usage: conn.limitInfo.apiUsage.limit,
    query: await refusal(conn.query("SELECT Nothing__c FROM Account")),
    stranger: await refusal(stranger.query("SELECT Id FROM Account")),
  };
}

main().then(
  (said) => console.log(JSON.stringify(said)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
