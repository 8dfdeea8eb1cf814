const element = (id) => document.getElementById(id);
const query = element("query");
const variables = element("variables");
const answer = element("answer");

query.value = sessionStorage.getItem("query") ?? "query Programme {\n  programme {\n    name\n    tiers { name threshold }\n  }\n}\n";

async function ask(body) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function run() {
  sessionStorage.setItem("query", query.value);
  try {
    const parsed = JSON.parse(variables.value || "{}");
    answer.textContent = JSON.stringify(await ask({ query: query.value, variables: parsed }), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
}

element("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});

const SCHEMA = `{ __schema { types { name description fields { name description
  type { name kind ofType { name kind ofType { name kind ofType { name } } } } } inputFields { name description } enumValues { name description } } } }`;

const typeName = (type) => (type.name ?? typeName(type.ofType));

function entry(type, member) {
  const item = document.createElement("dd");
  const code = document.createElement("code");
  code.textContent = member.type ? `${member.name}: ${typeName(member.type)}` : member.name;
  const told = document.createElement("small");
  told.textContent = member.description ?? "";
  item.append(code, told);
  item.dataset.words = `${type.name} ${member.name}`.toLowerCase();
  return item;
}

const { data } = await ask({ query: SCHEMA });
const list = document.createElement("dl");
for (const type of data?.__schema.types ?? []) {
  if (type.name.startsWith("__")) continue;
  const title = document.createElement("dt");
  title.textContent = type.name;
  title.title = type.description ?? "";
  title.dataset.words = type.name.toLowerCase();
  const members = type.fields ?? type.inputFields ?? type.enumValues ?? [];
  list.append(title, ...members.map((member) => entry(type, member)));
}
element("schema").append(list);
element("search").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase();
  for (const item of list.children) item.hidden = !item.dataset.words.includes(words);
});
