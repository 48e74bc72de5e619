import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/marks.css";
import "./styles/parts.css";
import "./styles/layout.css";
import "./styles/tables.css";
import "./styles/thread.css";
import "./styles/phone.css";
import "./styles/details.css";
import "./styles/requests.css";
import "./styles/content.css";

const place = document.getElementById("page");
if (place) createRoot(place).render(<App />);
