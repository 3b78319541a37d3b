import { Alert, Button, Card, Flex, Form, Input, Spin, Typography } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type SignIn, SignInError, signIn, takeLink } from "../../api/session";
import { setLanguage } from "../../i18n";
import { CopyLine } from "../../shared/CopyLine";

/** Good once: taken when the page opens, used when it asks who is there. */
let link = takeLink();

/** Name and password, or the link that this page was opened by. */
export function Login({ onSignedIn }: { onSignedIn: () => void }) {
  const { t, i18n } = useTranslation("login");
  const { busy, problem, mustChange, enter } = useSignIn(onSignedIn);
  const other = i18n.language === "zh" ? "en" : "zh";
  return (
    <Flex
      vertical
      align="center"
      justify="center"
      style={{ minHeight: "100dvh", padding: 12, boxSizing: "border-box" }}
    >
      <Card style={{ width: "100%", maxWidth: 400 }}>
        <Flex align="center" gap={12} style={{ marginBottom: 20 }}>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={36} height={36} />
          <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }} className="grow">
            {t("title")}
          </Typography.Title>
          <Button type="text" size="small" lang={other} onClick={() => setLanguage(other)}>
            {other === "zh" ? "中文" : "English"}
          </Button>
        </Flex>
        {mustChange && (
          <Alert role="status" type="info" showIcon title={t("mustChange")} style={{ marginBottom: 16 }} />
        )}
        {problem && <Alert role="alert" type="error" showIcon title={problem} style={{ marginBottom: 16 }} />}
        <Spin spinning={busy}>
          <Form layout="vertical" requiredMark={false} onFinish={(who: SignIn) => enter(who)}>
            <Form.Item name="user" label={t("user")} rules={[{ required: true, message: t("userMissing") }]}>
              <Input autoFocus autoComplete="username" maxLength={64} />
            </Form.Item>
            <Form.Item
              name="password"
              label={t("password")}
              rules={[{ required: true, message: t("passwordMissing") }]}
            >
              <Input.Password autoComplete="current-password" maxLength={128} />
            </Form.Item>
            {mustChange && (
              <Form.Item
                name="new_password"
                label={t("newPassword")}
                rules={[{ required: true, message: t("newPasswordMissing") }]}
              >
                <Input.Password autoFocus autoComplete="new-password" maxLength={128} />
              </Form.Item>
            )}
            <Button type="primary" htmlType="submit" block>
              {t(mustChange ? "changeAndSignIn" : "signIn")}
            </Button>
          </Form>
        </Spin>
        <Typography.Paragraph type="secondary" style={{ margin: "20px 0 8px" }}>
          {t("hint")}
        </Typography.Paragraph>
        <CopyLine text="sudo funcd console" />
      </Card>
    </Flex>
  );
}

function useSignIn(onSignedIn: () => void) {
  const { t } = useTranslation("login");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [mustChange, setMustChange] = useState(false);
  const why = (error: unknown, who: SignIn) => {
    if (!(error instanceof SignInError)) return t("offline", { ns: "common" });
    // The server's words name the lock and its time; these two have their own.
    if (error.code === "IAM.0401") return t(who.link ? "linkGone" : "wrong");
    return error.message;
  };
  const enter = async (who: SignIn) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(who);
      onSignedIn();
    } catch (error) {
      if (error instanceof SignInError && error.code === "IAM.0428") setMustChange(true);
      else setProblem(why(error, who));
    } finally {
      setBusy(false);
    }
  };
  const first = useRef(enter);
  useEffect(() => {
    const given = link;
    link = undefined;
    if (given) void first.current({ link: given });
    // One that is put in the address of this page does not load it anew.
    const put = () => {
      const next = takeLink();
      if (next) void first.current({ link: next });
    };
    window.addEventListener("hashchange", put);
    return () => window.removeEventListener("hashchange", put);
  }, []);
  return { busy, problem, mustChange, enter };
}
