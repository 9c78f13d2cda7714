// A session of Slack's own JavaScript client with a workspace; prints what it saw as JSON.
const { WebClient } = require("@slack/web-api");

async function session() {
  const slackApiUrl = `${process.env.SLACK_URL}/api/`;
  const client = new WebClient(process.env.SLACK_TOKEN, { slackApiUrl });

  const identity = await client.auth.test();
  const channels = [];
  for await (const page of client.paginate("conversations.list", { limit: 2 })) {
    channels.push(page.channels.map((channel) => channel.name));
  }
  const people = await client.users.list({});
  const found = await client.users.lookupByEmail({ email: "ANN@copilot.example" });

  const metadata = { event_type: "copilot_alert", event_payload: { message_id: "m1" } };
  const blocks = [
    { type: "header", text: { type: "plain_text", text: "Zoë 🎉 <b>" } },
    { type: "section", text: { type: "mrkdwn", text: "*open*" } },
  ];
  const posted = await client.chat.postMessage({ channel: "C1", text: "one", blocks, metadata });
  await client.conversations.join({ channel: "C2" });
  const joined = await client.chat.postMessage({ channel: "#open", text: "joined" });
  const direct = await client.chat.postMessage({ channel: found.user.id, text: "hello" });
  await client.chat.update({ channel: posted.channel, ts: posted.ts, text: "two" });
  const again = await client.chat.postMessage({ channel: "C1", text: "three" });
  const read = await client.conversations.history({ channel: "C1", include_all_metadata: true });
  const bare = await client.conversations.history({ channel: "C1", oldest: posted.ts });

  async function refusal(call) {
    try {
      await call();
    } catch (error) {
      return [error.code, error.data?.error, error.data?.needed, error.retryAfter].filter(Boolean);
    }
    return null;
  }
  const long = "x".repeat(151);
  const wrong = [{ type: "header", text: { type: "plain_text", text: long } }];
  const post = (more) => () => client.chat.postMessage({ text: "x", ...more });
  const stranger = new WebClient("xoxb-wrong", { slackApiUrl });
  const impatient = new WebClient(process.env.SLACK_TOKEN, { slackApiUrl, rejectRateLimitedCalls: true });
  const refused = {
    token: await refusal(() => stranger.auth.test()),
    nowhere: await refusal(post({ channel: "C9" })),
    outside: await refusal(post({ channel: "C3" })),
    blocks: await refusal(post({ channel: "C1", blocks: wrong })),
    nobody: await refusal(() => client.users.lookupByEmail({ email: "no@copilot.example" })),
    scope: await refusal(() => client.conversations.list({ types: "private_channel" })),
    method: await refusal(() => client.apiCall("chat.sing")),
    rate: await refusal(async () => {
      for (let n = 0; n < 4; n += 1) await impatient.chat.postMessage({ channel: "C4", text: "x" });
    }),
  };

  process.stdout.write(
    JSON.stringify({
      identity: [identity.ok, identity.user, identity.response_metadata.scopes.includes("chat:write")],
      channels,
      people: people.members.map((person) => person.name),
      found: found.user.name,
      joined: joined.channel,
      direct: direct.channel.startsWith("D"),
      history: read.messages.map((message) => [message.text, message.metadata?.event_payload ?? null]),
      changed: read.messages.at(-1).edited !== undefined,
      since: bare.messages.map((message) => [message.ts === again.ts, message.metadata ?? null]),
      refused,
    }),
  );
}

session();
