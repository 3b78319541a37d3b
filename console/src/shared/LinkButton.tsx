import { createLink } from "@tanstack/react-router";
import { Button, type ButtonProps } from "antd";
import type { Ref } from "react";

/** A link that looks like a button: one stop for the keyboard, and one thing to be read out. */
export const LinkButton = createLink(({ ref, ...props }: ButtonProps & { ref?: Ref<HTMLAnchorElement> }) => (
  <Button {...props} {...(ref ? { ref } : {})} />
));
