import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startTexts } from "./i18n";
import { App } from "./shell/App";
import { giveNonceToStyles } from "./shell/nonce";
import "./shell/page.css";

giveNonceToStyles();
startTexts();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
