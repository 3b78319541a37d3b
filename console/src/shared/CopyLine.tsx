import { Typography, theme } from "antd";

/** A line to copy into a terminal. */
export function CopyLine({ text }: { text: string }) {
  const { token } = theme.useToken();
  return (
    <Typography.Paragraph
      className="mono break"
      copyable={{ text }}
      style={{
        background: token.colorFillTertiary,
        borderRadius: token.borderRadius,
        margin: 0,
        padding: "6px 10px",
        textAlign: "start",
        whiteSpace: "pre-wrap",
      }}
    >
      {text}
    </Typography.Paragraph>
  );
}
