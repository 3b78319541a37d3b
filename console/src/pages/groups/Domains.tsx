import { DeleteOutlined, PlusOutlined, SafetyCertificateOutlined, SwapOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Card, Descriptions, Flex, Form, Input, Radio, Skeleton, Table, Tag, Typography, Upload } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Certificate, type Domain, domains } from "../../api/groups";
import { isCertificateName, isDomain } from "../../rules/gateway";
import { ErrorNote } from "../../shared/ErrorNote";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { must } from "../../shared/rule";
import { shell } from "../../shared/SameAs";
import { DeleteButton, SendButton } from "../../shared/SendButton";
import { useScope } from "../gateway/scope";

const CHANGED = [["groups"]];

/** Domains that a group answers at beside its own host, and their certificates. */
export function Domains({ group, domains: all }: { group: string; domains: Domain[] }) {
  const { t } = useTranslation("groups");
  return (
    <Card size="small" title={t("domains")}>
      <Flex vertical gap={12} align="start">
        <AddDomain group={group} />
        <Table<Domain>
          style={{ width: "100%" }}
          size="small"
          rowKey={(one) => one.id ?? ""}
          dataSource={all}
          scroll={{ x: "max-content" }}
          pagination={false}
          locale={{ emptyText: <Typography.Text type="secondary">{t("noDomains")}</Typography.Text> }}
          expandable={{
            rowExpandable: (one) => Boolean(one.ssl_id),
            expandedRowRender: (one) => <Details group={group} domain={one} />,
          }}
          columns={[
            { title: t("domain"), key: "domain", render: (_, one) => <span className="mono">{one.domain}</span> },
            {
              title: t("state"),
              key: "state",
              render: (_, one) => <Tag>{t(one.cname_status === 3 ? "bound" : "unresolved")}</Tag>,
            },
            { title: t("certificate"), key: "certificate", render: (_, one) => one.ssl_name || t("noCertificate") },
            { title: t("tls"), dataIndex: "min_ssl_version" },
            { key: "actions", align: "end", render: (_, one) => <Actions group={group} domain={one} /> },
          ]}
        />
        <Typography.Text type="secondary">{t("acme")}</Typography.Text>
      </Flex>
    </Card>
  );
}

interface NewDomain {
  name?: string;
  redirect?: boolean;
}

function AddDomain({ group }: { group: string }) {
  const { t } = useTranslation("groups");
  const at = { ...useScope(), group_id: group };
  return (
    <FormButton<NewDomain, unknown>
      label={t("addDomain")}
      icon={<PlusOutlined />}
      initial={{ redirect: false }}
      fields={
        <>
          <Form.Item
            name="name"
            label={t("domain")}
            extra={t("domainHint")}
            required
            rules={[must(isDomain, t("domainRule"))]}
          >
            <Input autoComplete="off" className="mono" maxLength={253} />
          </Form.Item>
          <Redirect />
        </>
      }
      request={({ name = "", redirect = false }) =>
        domains.add(at, {
          url_domain: name,
          min_ssl_version: "TLSv1.2",
          ...(redirect ? { is_http_redirect_to_https: true } : {}),
        })
      }
      cli={({ name = "", redirect }) =>
        name ? `sudo funcd domain add ${shell(name)} --group ${group}${redirect ? " --redirect" : ""}` : undefined
      }
      changed={CHANGED}
      done={t("domainAdded")}
    />
  );
}

function Redirect() {
  const { t } = useTranslation("groups");
  return (
    <Form.Item name="redirect" label={t("redirect")} rules={[{ required: true }]}>
      <Radio.Group
        options={[
          { value: false, label: t("redirectNo") },
          { value: true, label: t("redirectYes") },
        ]}
      />
    </Form.Item>
  );
}

function Actions({ group, domain }: { group: string; domain: Domain }) {
  const { t } = useTranslation("groups");
  const at = { ...useScope(), group_id: group };
  const [id, name] = [domain.id ?? "", domain.domain ?? ""];
  return (
    <Flex justify="end">
      <Certify group={group} domain={domain} />
      <FormButton<NewDomain, unknown>
        small
        label={t("http")}
        icon={<SwapOutlined />}
        fields={<Redirect />}
        request={({ redirect = false }) => domains.update(at, id, redirect)}
        changed={CHANGED}
        done={t("domainChanged")}
      />
      <DeleteButton
        title={t("removeTitle", { name })}
        text={t("removeText")}
        call={domains.remove(at, id)}
        cli={`sudo funcd domain remove ${shell(name)}`}
        changed={CHANGED}
        done={t("domainRemoved")}
      />
    </Flex>
  );
}

interface Pem {
  name?: string;
  chain?: string;
  key?: string;
}

const isPem = (text: string) => text.trim().startsWith("-----BEGIN ");

function Certify({ group, domain }: { group: string; domain: Domain }) {
  const { t } = useTranslation("groups");
  const at = { ...useScope(), group_id: group };
  return (
    <FormButton<Pem, unknown>
      small
      label={t("setCertificate")}
      icon={<SafetyCertificateOutlined />}
      width={680}
      initial={{ name: domain.ssl_name || "certificate" }}
      fields={
        <>
          <Form.Item
            name="name"
            label={t("certificateName")}
            required
            rules={[must(isCertificateName, t("certificateRule"))]}
          >
            <Input autoComplete="off" maxLength={50} />
          </Form.Item>
          <Text name="chain" label={t("chain")} hint={t("chainHint")} />
          <Text name="key" label={t("key")} hint={t("keyHint")} />
        </>
      }
      request={({ name, chain, key }) =>
        domains.certify(at, domain.id ?? "", { name, cert_content: chain, private_key: key })
      }
      // A key is not for the screen.
      shown={({ name, chain }) => domains.certify(at, domain.id ?? "", { name, cert_content: chain, private_key: "…" })}
      cli={({ name }) => {
        const called = name && name !== "certificate" ? ` --name ${shell(name)}` : "";
        return `sudo funcd domain certificate ${shell(domain.domain ?? "")} --chain fullchain.pem --key privkey.pem${called}`;
      }}
      changed={CHANGED}
      done={t("certified")}
    />
  );
}

/** PEM, typed in or from a file. */
function Text({ name, label, hint }: { name: "chain" | "key"; label: string; hint: string }) {
  const { t } = useTranslation("groups");
  const form = Form.useFormInstance<Pem>();
  const read = (file: File) => {
    void file.text().then((text) => {
      form.setFieldValue(name, text);
      return form.validateFields([name]).catch(() => {});
    });
    return false;
  };
  return (
    <>
      <Form.Item name={name} label={label} extra={hint} required rules={[must(isPem, t("pemRule"))]}>
        <Input.TextArea rows={4} className="mono" spellCheck={false} autoComplete="off" />
      </Form.Item>
      <Upload showUploadList={false} beforeUpload={read} accept=".pem,.crt,.cer,.key">
        <Button size="small" style={{ marginBottom: 12 }}>
          {t("fromFile")}
        </Button>
      </Upload>
    </>
  );
}

function Details({ group, domain }: { group: string; domain: Domain }) {
  const { t, i18n } = useTranslation("groups");
  const at = { ...useScope(), group_id: group };
  const [id, certificate] = [domain.id ?? "", domain.ssl_id ?? ""];
  const found = useQuery({
    queryKey: ["groups", group, "certificate", certificate],
    queryFn: () => send(domains.certificate(at, id, certificate)),
  });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <ErrorNote error={found.error} retry={found.refetch} />;
  const facts = found.data as Certificate;
  return (
    <Flex vertical gap={8} align="start">
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          { key: "names", label: t("names"), children: facts.san.join(", ") },
          { key: "until", label: t("until"), children: moment(facts.not_after, i18n.language) },
          { key: "issuer", label: t("issuer"), children: facts.issuer.join(", ") },
          { key: "algorithm", label: t("algorithm"), children: facts.signature_algorithm },
          {
            key: "serial",
            label: t("serial"),
            children: <span className="mono break">{facts.serial_number}</span>,
          },
        ]}
      />
      <SendButton
        danger
        icon={<DeleteOutlined />}
        label={t("removeCertificate")}
        title={t("removeCertificateTitle", { name: domain.domain ?? "" })}
        call={domains.uncertify(at, id, certificate)}
        cli={`sudo funcd domain certificate ${shell(domain.domain ?? "")} --remove`}
        changed={CHANGED}
        done={t("uncertified")}
      />
    </Flex>
  );
}
