import { useState } from "react";

/** For a dialog that is there only while it is asked for: it closes first, which gives the focus back, and goes then. */
export function useLeaving(onClose: () => void) {
  const [open, setOpen] = useState(true);
  const leave = () => setOpen(false);
  return { leave, modal: { open, onCancel: leave, afterClose: onClose } };
}
