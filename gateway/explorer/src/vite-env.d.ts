// Types of what Vite and the packages bring without types of their own.
/// <reference types="vite/client" />

declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface SwaggerUi {
    preauthorizeApiKey(scheme: string, value: string): unknown; // bearer tokens too
    authActions: { logout(schemes: string[]): void };
  }
  interface SwaggerOptions {
    url: string;
    domNode: HTMLElement;
    onComplete?: () => void;
    [option: string]: unknown;
  }
  export default function SwaggerUIBundle(options: SwaggerOptions): SwaggerUi;
}
