import { Alert, Button, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { Cancelled } from "./Sending";

interface Props {
  error: unknown;
  retry?: () => unknown;
}

/** What went wrong, in the server's words: each problem on a line of its own, and the id under which its log has more. */
export function ErrorNote({ error, retry }: Props) {
  const { t } = useTranslation();
  if (error instanceof Cancelled) return <Alert role="status" type="info" showIcon title={t("upload.cancelled")} />;
  const silent = error instanceof ApiError && error.status === 0;
  const problems = silent ? [t("offline")] : words(error).split("; ");
  return (
    <Alert
      role="alert"
      type={silent ? "warning" : "error"}
      showIcon
      style={{ margin: "12px 0" }}
      title={
        problems.length === 1 ? (
          <span className="break">{problems[0]}</span>
        ) : (
          <ul style={{ margin: 0, paddingInlineStart: 18 }}>
            {problems.map((problem) => (
              <li key={problem} className="break">
                {problem}
              </li>
            ))}
          </ul>
        )
      }
      description={<Identity error={error} />}
      action={retry && <Button onClick={() => retry()}>{t("retry")}</Button>}
    />
  );
}

/** What to do, where that is the same whatever was refused, and under which id more is known. */
function Identity({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (error instanceof ApiError && error.status === 403) {
    return (
      <>
        <div>{t("askForRight")}</div>
        <Where error={error} />
      </>
    );
  }
  return <Where error={error} />;
}

function Where({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!(error instanceof ApiError) || !error.requestId) return null;
  return (
    <Typography.Text type="secondary" className="mono" style={{ fontSize: 12 }}>
      {error.code} · HTTP {error.status} · {t("requestId")} {error.requestId}
    </Typography.Text>
  );
}

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));
