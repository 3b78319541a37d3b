import { GlobalOutlined, LogoutOutlined, MoonOutlined, SunOutlined, UserOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Dropdown, Flex, Grid, Select, Tooltip, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { signOut } from "../api/session";
import { type Language, setLanguage } from "../i18n";
import { useChosen } from "./project";
import { setTheme, type Theme, useDark, useTheme } from "./theme";

export function Header() {
  const wide = Grid.useBreakpoint().md ?? true;
  return (
    <>
      <Link to="/functions" aria-label="funcd">
        <Flex align="center" gap={8}>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={24} height={24} />
          {wide && <Typography.Text strong>funcd</Typography.Text>}
        </Flex>
      </Link>
      <Place />
      <span className="grow" />
      <Languages />
      <Themes />
      <Account />
    </>
  );
}

/** Region and project, as the header of the vendor's console has them. */
function Place() {
  const { t } = useTranslation("shell");
  const { session, project, choose } = useChosen();
  const queries = useQueryClient();
  const wide = Grid.useBreakpoint().md ?? true;
  const options = session.projects.map(({ id, name }) => ({ value: id, label: name }));
  const chosen = (id: string) => {
    choose(id);
    void queries.invalidateQueries();
  };
  return (
    <Flex align="center" gap={8} style={{ marginInlineStart: wide ? 24 : 4, minWidth: 0 }}>
      {wide && (
        <Tooltip title={t("region")}>
          <Typography.Text type="secondary">{session.region}</Typography.Text>
        </Tooltip>
      )}
      <Select
        aria-label={t("project")}
        value={project}
        options={options}
        onChange={chosen}
        variant="filled"
        popupMatchSelectWidth={false}
        style={{ minWidth: wide ? 120 : 84 }}
      />
    </Flex>
  );
}

function Languages() {
  const { t, i18n } = useTranslation("shell");
  const items = [
    { key: "en", label: "English" },
    { key: "zh", label: "中文" },
  ];
  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items, selectedKeys: [i18n.language], onClick: ({ key }) => setLanguage(key as Language) }}
    >
      <Button type="text" icon={<GlobalOutlined />} aria-label={t("language")} />
    </Dropdown>
  );
}

function Themes() {
  const { t } = useTranslation("shell");
  const theme = useTheme();
  const dark = useDark();
  const items = (["light", "dark", "system"] as const).map((key) => ({ key, label: t(key) }));
  return (
    <Dropdown trigger={["click"]} menu={{ items, selectedKeys: [theme], onClick: ({ key }) => setTheme(key as Theme) }}>
      <Button type="text" icon={dark ? <MoonOutlined /> : <SunOutlined />} aria-label={t("theme")} />
    </Dropdown>
  );
}

function Account() {
  const { t } = useTranslation("shell");
  const { session } = useChosen();
  const wide = Grid.useBreakpoint().md ?? true;
  // The page is loaded anew: nothing that was shown stays in memory.
  const leave = () => signOut().finally(() => window.location.assign(import.meta.env.BASE_URL));
  const items = [{ key: "out", icon: <LogoutOutlined />, label: t("signOut"), onClick: leave }];
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button type="text" icon={<UserOutlined />} aria-label={session.user.name}>
        {wide && session.user.name}
      </Button>
    </Dropdown>
  );
}
