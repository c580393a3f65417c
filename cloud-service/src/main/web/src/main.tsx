import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { App } from "./app";
import { theme } from "./theme";

theme.start();
render(<App />, document.getElementById("page")!);
