export * from "./appointments";
export * from "./client";
