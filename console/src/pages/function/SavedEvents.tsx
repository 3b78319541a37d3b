import { DeleteOutlined, PlusOutlined, SaveOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Flex, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createEvent, deleteEvent, eventList, savedEvent, updateEvent } from "../../api/extras";
import { isAliasName } from "../../rules/alias";
import { ErrorNote } from "../../shared/ErrorNote";
import { FormButton } from "../../shared/FormButton";
import { must } from "../../shared/rule";
import { SendButton } from "../../shared/SendButton";
import { usePlace } from "./place";

const CHANGED = [["function"]];
const NAME_CHARS = 25;

interface Props {
  /** What the form holds now, if that is an event. */
  event: unknown;
  onOpen: (event: unknown) => void;
}

/** Events that were saved with the function, to be sent again. */
export function SavedEvents({ event, onOpen }: Props) {
  const { t } = useTranslation("extras");
  const { project, urn } = usePlace();
  const place = { project, urn };
  const events = useQuery(eventList(place));
  const [chosen, choose] = useState<string>();
  const all = events.data ?? [];
  const current = all.find((one) => one.id === chosen);
  const open = useMutation({
    mutationFn: (id: string) => savedEvent(place, id),
    onSuccess: onOpen,
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
        <FormButton<{ name: string }, { id?: string }>
          small
          icon={<PlusOutlined />}
          label={t("events.save")}
          button={{ disabled: event === undefined }}
          request={({ name }) => createEvent(place, name, event)}
          then={({ id }) => choose(id)}
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
            icon={<SaveOutlined />}
            label={t("events.update", { name: current.name ?? "" })}
            title={t("events.updateTitle", { name: current.name ?? "" })}
            text={t("events.updateText")}
            button={{ disabled: event === undefined }}
            call={updateEvent(place, current.id, event)}
            changed={CHANGED}
            done={t("events.saved")}
          />
        )}
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
