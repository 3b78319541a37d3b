import { Link, type LinkProps } from "@tanstack/react-router";
import { Breadcrumb, Flex, Result, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { ErrorNote } from "./ErrorNote";

interface Props {
  /** The page above this one. */
  up: { to: LinkProps["to"]; params?: Record<string, string>; label: string };
  title: string;
  /** What stands behind the title. */
  tags?: ReactNode;
  /** What can be done. */
  children?: ReactNode;
}

/** Where a page is, what it is called and what can be done. */
export function PageHead({ up, title, tags, children }: Props) {
  return (
    <Flex vertical gap={4}>
      <Breadcrumb
        items={[{ title: <Link {...({ to: up.to, params: up.params } as LinkProps)}>{up.label}</Link> }, { title }]}
      />
      <Flex align="center" gap={12} wrap>
        <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }} className="break">
          {title}
        </Typography.Title>
        {tags}
        <span className="grow" />
        {children}
      </Flex>
    </Flex>
  );
}

/** Why a page is not shown: there is no such thing, or it could not be read. */
export function Failure({ error, retry }: { error: unknown; retry: () => unknown }) {
  const { t } = useTranslation("shell");
  const gone = error instanceof ApiError && error.status === 404;
  return gone ? <Result status="404" title={t("missing")} /> : <ErrorNote error={error} retry={retry} />;
}
