import { MenuOutlined } from "@ant-design/icons";
import { Outlet, useRouter } from "@tanstack/react-router";
import { Alert, Button, Drawer, Flex, Grid, Layout, Spin, theme } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../shared/ErrorNote";
import { Header } from "./Header";
import { Navigation } from "./Navigation";
import { ProjectProvider, useSession } from "./project";

/** What is around every page: header, menu, and the project that the page is about. */
export function Frame() {
  const session = useSession();
  if (session.isPending) return <Spin fullscreen />;
  if (session.isError) return <ErrorNote error={session.error} retry={session.refetch} />;
  return (
    <ProjectProvider session={session.data}>
      {session.data.projects.length === 0 ? <Outside /> : <Inside />}
    </ProjectProvider>
  );
}

/** What is left to somebody without rights: whom to ask, and to sign out. */
function Outside() {
  const { t } = useTranslation("shell");
  return (
    <Layout style={{ minHeight: "100dvh" }}>
      <Layout.Header style={{ background: "transparent", padding: "0 24px" }}>
        <Flex align="center" gap={8} style={{ height: "100%" }}>
          <Header />
        </Flex>
      </Layout.Header>
      <Layout.Content>
        <div className="page">
          <Alert type="warning" showIcon title={t("noProject")} />
        </div>
      </Layout.Content>
    </Layout>
  );
}

/** The page; whoever followed a link that is gone with the page before goes on here. */
function useMain() {
  const router = useRouter();
  const main = useRef<HTMLElement>(null);
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        // The first page begins at its beginning.
        const gone = document.activeElement === document.body;
        if (fromLocation && pathChanged && gone) main.current?.focus({ preventScroll: true });
      }),
    [router],
  );
  return main;
}

function Inside() {
  const { t } = useTranslation("shell");
  const main = useMain();
  const { token } = theme.useToken();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState(false);
  return (
    <Layout style={{ minHeight: "100dvh" }}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {t("skip")}
      </button>
      <Layout.Header
        style={{
          background: token.colorBgContainer,
          borderBottom: `1px solid ${token.colorBorderSecondary}`,
          padding: wide ? "0 24px" : "0 8px",
          position: "sticky",
          top: 0,
          zIndex: 10,
        }}
      >
        <Flex align="center" gap={8} style={{ height: "100%" }}>
          {!wide && <Button type="text" icon={<MenuOutlined />} aria-label={t("menu")} onClick={() => setOpen(true)} />}
          <Header />
        </Flex>
      </Layout.Header>
      <Layout>
        {wide ? (
          <Layout.Sider width={208} theme="light" style={{ borderRight: `1px solid ${token.colorBorderSecondary}` }}>
            <Navigation />
          </Layout.Sider>
        ) : (
          <Drawer
            open={open}
            onClose={() => setOpen(false)}
            placement="left"
            size={260}
            styles={{ body: { padding: 0 } }}
          >
            <Navigation onChosen={() => setOpen(false)} />
          </Drawer>
        )}
        <Layout.Content id="main" ref={main} tabIndex={-1} className="main">
          <div className="page">
            <Outlet />
          </div>
        </Layout.Content>
      </Layout>
    </Layout>
  );
}
