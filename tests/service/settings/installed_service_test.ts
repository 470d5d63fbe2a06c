import { join } from "@std/path";
import { assertEquals } from "../../assert.ts";
import { installedService, serviceSources } from "../../../service/settings/installed_service.ts";
import { readSettings } from "../../../service/settings/read_settings.ts";

Deno.test("`installedService()` reads the unit and what `systemctl edit` adds to it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(installedService([folder]), undefined);
    const unit = `# a comment
[Service]
User=pi
BindReadOnlyPaths=/usr -/lib /etc -${folder}/.env
UMask=0077

[X-Install]
User=nobody
`;
    await Deno.writeTextFile(join(folder, "wifilogger.service"), unit);
    await Deno.writeTextFile(join(folder, ".env"), "WIFILOGGER_RETENTION=30d\n");
    await Deno.mkdir(join(folder, "wifilogger.service.d"));
    const dropIn = join(folder, "wifilogger.service.d", "override.conf");
    await Deno.writeTextFile(
      dropIn,
      `[Service]\nUMask=0027\nEnvironment="WIFILOGGER_GEO_DB=/a b" WIFILOGGER_BILLING_DAY=5\n`,
    );
    const service = installedService([folder])!;
    assertEquals([service.user, service.home, service.envPath], ["pi", folder, `${folder}/.env`]);
    assertEquals(service.dropIns, [dropIn]);
    const masks = service.directives.filter(({ key }) => key === "UMask");
    assertEquals(masks.map(({ value }) => value), ["0077", "0027"]);

    const settings = readSettings(serviceSources(service));
    assertEquals(settings.retention.days, 30);
    assertEquals(settings.geoDbPaths, ["/a b"]);
    assertEquals(settings.billingDay, 5);
    assertEquals(settings.archiveDir, `${folder}/wifi_logger/logs`);
    assertEquals(service.isPackaged, false);

    const packaged = join(folder, "packaged");
    await Deno.mkdir(packaged);
    await Deno.writeTextFile(
      join(packaged, "wifilogger.service"),
      "# Part of the package wifilogger.\n" + unit.replace("User=pi", "User=wifilogger"),
    );
    assertEquals(installedService([folder, packaged])?.user, "pi");
    await Deno.remove(join(folder, "wifilogger.service"));
    const { user, dropIns, isPackaged } = installedService([folder, packaged])!;
    assertEquals([user, dropIns, isPackaged], ["wifilogger", [dropIn], true]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
