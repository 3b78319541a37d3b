import { DeleteOutlined, SaveOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Flex, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createEvent, deleteEvent, eventList, savedEvent } from "../../api/extras";
import { isAliasName } from "../../rules/alias";
import { eventOf, type Request, requestOf } from "../../rules/event";
import { ErrorNote } from "../../shared/ErrorNote";
import { FormButton } from "../../shared/FormButton";
import { must } from "../../shared/rule";
import { SendButton } from "../../shared/SendButton";
import { usePlace } from "./place";

const CHANGED = [["function"]];
const NAME_CHARS = 25;

/** Requests that were saved with the function, to be sent again. */
export function SavedEvents({ request, onOpen }: { request: Request; onOpen: (request: Request) => void }) {
  const { t } = useTranslation("extras");
  const { project, urn } = usePlace();
  const place = { project, urn };
  const events = useQuery(eventList(place));
  const [chosen, choose] = useState<string>();
  const all = events.data ?? [];
  const current = all.find((one) => one.id === chosen);
  const open = useMutation({
    mutationFn: (id: string) => savedEvent(place, id),
    onSuccess: (event) => onOpen(requestOf(event)),
  });
  return (
    <Flex vertical>
      <Flex gap={8} align="center" style={{ marginBottom: 12 }}>
        <Select
          className="grow"
          value={current?.id}
          placeholder={t(all.length > 0 ? "events.choose" : "events.none")}
          aria-label={t("events.choose")}
          loading={open.isPending}
          onChange={(id: string) => {
            choose(id);
            open.mutate(id);
          }}
          options={all.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <FormButton<{ name: string }, unknown>
          small
          icon={<SaveOutlined />}
          label={t("events.save")}
          request={({ name }) => createEvent(place, name, eventOf(request))}
          changed={CHANGED}
          done={t("events.saved")}
          fields={
            <Form.Item
              name="name"
              label={t("events.name")}
              required
              rules={[must((name) => isAliasName(name) && name.length <= NAME_CHARS, t("events.nameRule"))]}
            >
              <Input autoComplete="off" autoFocus />
            </Form.Item>
          }
        />
        {current?.id && (
          <SendButton
            small
            danger
            icon={<DeleteOutlined />}
            label={`${t("delete", { ns: "common" })} ${current.name}`}
            title={t("events.delete", { name: current.name ?? "" })}
            call={deleteEvent(place, current.id)}
            changed={CHANGED}
            done={t("events.deleted")}
          />
        )}
      </Flex>
      {events.isError && <ErrorNote error={events.error} retry={events.refetch} />}
      {open.isError && <ErrorNote error={open.error} />}
    </Flex>
  );
}
