import { assertEquals, assertThrows } from "../../assert.ts";
import { outputUrls } from "../../../service/settings/output_url.ts";
import { UnusableValue } from "../../../service/settings/setting_types.ts";

function outputs(text: string) {
  return outputUrls(text, "/home/pi").map(({ url, endpoint: _, password, ...rest }) => ({
    ...rest,
    url: url.href,
    password: password?.reveal(),
  }));
}

Deno.test("`outputUrls()` takes a URL apart: what the receiver sees, and what is ours", () => {
  assertEquals(outputs("mqtts://pi:p%40ss@broker.example?tls-ca=/etc/ca.pem&mqtt-version=5"), [{
    kind: "mqtt",
    url: "https://broker.example:8883/",
    name: "mqtts://broker.example:8883",
    key: "mqtts://broker.example:8883",
    user: "pi",
    password: "p@ss",
    options: { "tls-ca": "/etc/ca.pem", "mqtt-version": "5" },
  }]);
  const [clickhouse, loki] = outputs(
    "http://ch.example:8123/?query=insert%20into%20a(b,c)%20format%20JSONEachRow&columns=flat, " +
      "loki+https://:tok@logs.example",
  );
  assertEquals(clickhouse.name, "http://ch.example:8123/");
  assertEquals(
    new URL(clickhouse.url).searchParams.get("query"),
    "insert into a(b,c) format JSONEachRow",
  );
  assertEquals(clickhouse.options, { columns: "flat" });
  assertEquals(loki.url, "https://logs.example/loki/api/v1/push");
  assertEquals([loki.user, loki.password], [undefined, "tok"]);
});

Deno.test("`outputUrls()` says where a connection goes, the usual port of another scheme included", () => {
  const endpointOf = (text: string) => Object.values(outputUrls(text, "/home/pi")[0].endpoint);
  assertEquals(endpointOf("mqtt://broker"), ["broker", 1883, false]);
  assertEquals(endpointOf("mqtts://pi:x%3A1@broker"), ["broker", 8883, true]);
  assertEquals(endpointOf("mqtts://broker:443"), ["broker", 443, true]);
  assertEquals(endpointOf("mqtt://[2001:db8::1]:80"), ["2001:db8::1", 80, false]);
  assertEquals(endpointOf("https://host/in"), ["host", 443, true]);
  assertEquals(outputUrls("mqtts://broker:443", "/home/pi")[0].name, "mqtts://broker:443");
});

Deno.test("`outputUrls()` refuses what is no output, and repeats no password", () => {
  for (
    const [text, message] of [
      ["ftp://host", "begins with one of"],
      ["mqtt://host/topic", "takes no path"],
      ["mqtt://host?columns=flat", "no option of mqtt"],
      ["http://host?columns=wide", "columns=wide is not nested or flat"],
      ["mqtts://host?tls-cert=/a.pem", "go together"],
      ["mqtts://host?tls-ca=a.pem", "an absolute path"],
      ["https://user:s3cret@host:99999/", "is no URL"],
      ["mqtt://host,mqtt://a:s3cret@host:1883", "is there twice"],
    ]
  ) {
    const { message: said } = assertThrows(() => outputUrls(text, "/home/pi"), UnusableValue);
    assertEquals([said.includes(message), said.includes("s3cret")], [true, false], said);
  }
});
